"""The settings of the school that its owners may change."""

SCHOOL_SETTINGS = {
    "name": 120,
    "email": 254,
    "address": 300,
    "timezone": 64,
    "payment_details": 300,
    "reminder_minutes": 5,
    "offer_minutes": 5,
    "teacher_messages": 3,
    "teacher_contacts": 3,
}
"""Every setting, with the most characters of its value."""
YES, NO = "yes", "no"
"""The values of `teacher_messages` and `teacher_contacts`: what teachers may do and see."""
