"""Drinking-water sources, aquatic ecology and water use: what a bureau keeps about them beside readings.

Here live problem lists with re-inspection, construction checklists, condition surveys, quarterly releases,
ecology surveys and the yearly amounts of water use. Sites and readings belong to `sites`, formulas to
`bishui.assessment`.
"""
