"""Who is told what, and when: reminders of deadlines, escalation by rule, and their delivery.

Here live the rules by which a reminder is made, the people's addresses, and the queue of e-mails and webhook
calls. What is due is asked of the apps that keep it; nothing here decides whether work is done.
"""
