"""Deliveries against real receivers: at least once, one identifier, pauses, nothing inside the own network."""

import json
import os
import signal
import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest

from bishui.errors import DataError
from bishui.server.core import audit
from bishui.server.reminders import delivery, rules
from bishui.server.reminders.models import Contact, Delivery, Message
from tests.server.conftest import CITY, make_instance
from tests.server.core.test_jobs import _database as database_of_tests
from tests.server.reminders.receivers import mail_server, webhook

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 6, 1, 8, 0)


def contact(kind, address, code="c"):
    record = Contact(division=CITY, code=code, unit="city-housing", kind=kind, address=address)
    record.prepare()
    with audit.action("core.register_saved", actor="system", register="通知方式", name=code):
        record.save()
    return record


def queued(instance, subject="任务即将到期"):
    with audit.action("reminders.made", actor="system", count=1):
        message = Message(
            key=f"k{subject}",
            division=CITY,
            rule="duty-due",
            tone="warn",
            unit=instance.units["city-housing"],
            subject=subject,
            text="还有 7 天。",
            about="duty",
            about_id="1",
            path="/plans/",
            on=date(2025, 6, 1),
        )
        message.save()
        delivery.queue([message], NOW)
    return message


def mail_settings(settings, server):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.DEFAULT_FROM_EMAIL = "bishui@example.org"
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


def test_a_mail_arrives_with_its_identifier_and_the_address_of_the_page(instance, settings):
    settings.PUBLIC_URL = "https://bishui.example.org"
    contact("email", "a@example.org")
    with mail_server() as server:
        mail_settings(settings, server)
        queued(instance)
        assert delivery.deliver_due(NOW) == (1, 0)
    found = Delivery.objects.get()
    assert found.state == "sent" and found.attempts == 1
    assert f"Message-ID: <{found.pk}@example.org>" in server.taken[0]


def test_a_line_break_in_a_subject_makes_no_header(instance, settings):
    contact("email", "a@example.org")
    with mail_server() as server:
        mail_settings(settings, server)
        queued(instance, subject="Hello\r\nBcc: x@example.org")
        assert delivery.deliver_due(NOW) == (1, 0)
    assert "\nBcc:" not in server.taken[0]


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu", "json"])
def test_a_webhook_is_called_with_the_text(kind, instance, settings):
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    with webhook() as server:
        contact(kind, f"http://127.0.0.1:{server.server_port}/hook?key=1")
        queued(instance)
        assert delivery.deliver_due(NOW) == (1, 0)
    identifier, body = server.taken[0]
    assert identifier == str(Delivery.objects.get().pk)
    assert "还有 7 天。" in body and json.loads(body)


@pytest.mark.parametrize(
    ("status", "answer"), [(500, "broken"), (302, ""), (200, '{"errcode":93000,"errmsg":"invalid"}')]
)
def test_an_answer_that_says_no_is_not_a_delivery_and_is_tried_again_after_the_pause(
    status, answer, instance, settings
):
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    with webhook(status=status, answer=answer) as server:
        contact("wecom", f"http://127.0.0.1:{server.server_port}/")
        queued(instance)
        assert delivery.deliver_due(NOW) == (0, 1)
        assert delivery.deliver_due(NOW) == (0, 0)
        assert delivery.deliver_due(NOW + timedelta(minutes=rules.pauses().minutes[0])) == (0, 1)
    found = Delivery.objects.get()
    assert (found.state, found.attempts) == ("waiting", 2) and found.fault
    assert len({identifier for identifier, _ in server.taken}) == 1


def test_after_the_last_pause_it_is_given_up_and_a_person_may_try_again(instance, settings):
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    contact("wecom", "http://127.0.0.1:9/")
    queued(instance)
    now = NOW
    for _ in rules.pauses().minutes:
        delivery.deliver_due(now)
        now += timedelta(days=2)
    found = Delivery.objects.get()
    assert found.state == "given_up"
    delivery.try_again(found, actor="system")
    assert Delivery.objects.get().state == "waiting" and delivery.due(datetime.now()).exists()


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("email", "not-an-address"),
        ("wecom", "http://example.org/hook"),
        ("json", "file:///etc/passwd"),
        ("json", "https://user:secret@example.org/"),
        ("json", "https://"),
    ],
)
def test_an_address_of_the_wrong_kind_is_refused_when_it_is_entered(kind, address, db):
    with pytest.raises(DataError):
        contact(kind, address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]"])
def test_the_server_does_not_call_its_own_network_unless_the_instance_says_so(host, instance):
    contact("json", f"https://{host}/")
    queued(instance)
    assert delivery.deliver_due(NOW) == (0, 1)
    assert "不在公网" in Delivery.objects.get().fault


def test_without_a_mail_server_the_fault_says_what_to_set(instance, settings):
    settings.EMAIL_HOST = ""
    contact("email", "a@example.org")
    queued(instance)
    delivery.deliver_due(NOW)
    assert "BISHUI_MAIL_URL" in Delivery.objects.get().fault


def test_an_address_that_is_not_in_use_is_left_out(instance):
    record = contact("email", "a@example.org")
    record.active = "no"
    with audit.action("core.register_saved", actor="system", register="通知方式", name="c"):
        record.save()
    queued(instance)
    assert not Delivery.objects.exists()


def test_a_round_is_put_into_the_queue_of_jobs_once(instance):
    assert not delivery.wake()
    contact("email", "a@example.org")
    queued(instance)
    assert delivery.wake()
    assert not delivery.wake()


CHILD = """
import os, django
django.setup()
from datetime import datetime
from bishui.server.reminders import delivery, sending
from bishui.server.reminders.models import Delivery
def die(*_): os.kill(os.getpid(), 9)
if os.environ["DIE"] == "before":
    sending.send = die
else:
    send = sending.send
    def send_and_die(*given): send(*given); die()
    sending.send = send_and_die
delivery.deliver_due(datetime.now())
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_sends_again_after_the_pause_with_the_same_identifier(
    moment, transactional_db, settings, data_dir
):
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    with webhook() as server:
        contact("wecom", f"http://127.0.0.1:{server.server_port}/")
        queued(make_instance())
        environment = {
            **os.environ,
            **database_of_tests(),
            "BISHUI_DATA": str(data_dir),
            "BISHUI_WEBHOOK_HOSTS": "127.0.0.1",
            "DIE": moment,
        }
        done = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True)
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        found = Delivery.objects.get()
        assert (found.state, found.attempts) == ("waiting", 1)
        assert delivery.deliver_due(datetime.now()) == (0, 0)
        assert delivery.deliver_due(datetime.now() + timedelta(hours=1)) == (1, 0)
    assert len(server.taken) == (1 if moment == "before" else 2)
    assert {identifier for identifier, _ in server.taken} == {str(found.pk)}
