"""Extensions of the product without changing it: pages, mails, payment events, worker jobs.

An extension is a folder with an `__init__.py` in SCHOOL_DIR, or an installed package with an entry
point in the group `coursebook.extensions`. Either is a module with an `extension`.
"""
