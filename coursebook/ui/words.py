"""Every text of the pages, in one place, in one voice: short, kind, exact about money.

Templates carry named gaps for `str.format`. Nothing in here decides anything.
"""

BRAND = "coursebook"
TAGLINE = "Small courses, real teachers, a place with your name on it."

# Frame
SKIP = "Skip to the content"
NAV_LABEL = "Main"
NAV_COURSES = "Courses"
NAV_BOOKINGS = "My bookings"
NAV_SIGN_IN = "Sign in"
NAV_SIGN_OUT = "Sign out"
SIGNED_IN_AS = "Signed in as"
FOOTER_NOTE = "You pay on Stripe's page. We never see your card."
FOOTER_SOURCE = "Open source, MIT licence."
OFFLINE = "No connection at the moment. We keep trying; your bookings are safe."
DISMISS = "Close this message"
TRY_AGAIN = "Try again"
TO_COURSES = "See all courses"
TO_BOOKINGS = "Go to My bookings"
LOADING = "Loading…"

# Things that went wrong
UNEXPECTED = (
    "Something went wrong on our side. Please try again; if it happens again, "
    "tell us the number {reference}."
)
BAD_REQUEST = "We did not understand this request. Please reload the page."
CRASH_TITLE = "This page stumbled"
CRASH_TEXT = "Something broke while showing this page. Your bookings and payments are not touched."
CRASH_RELOAD = "Reload the page"
NOT_FOUND_TITLE = "We could not find this page"
NOT_FOUND_TEXT = "The address may be mistyped, or the page has moved."

# Catalog
HERO_TITLE = "Learn something you can hold in your hands"
HERO_TEXT = (
    "Workshops and online evenings with people who do it for a living. "
    "Book in two minutes; your place is held while you pay."
)
CATALOG_TITLE = "Courses"
CATALOG_DESCRIPTION = "Browse courses, see the places left, book and pay in two minutes."
SEARCH_LABEL = "Search courses"
SEARCH_HINT = "Pottery, Lisbon, photography…"
FILTERS_LABEL = "Filter the courses"
CATEGORY_LABEL = "Category"
LEVEL_LABEL = "Level"
ALL_CATEGORIES = "All categories"
ALL_LEVELS = "All levels"
AVAILABLE_LABEL = "Places left only"
CLEAR_FILTERS = "Clear all filters"
MORE_COURSES = "Show more courses"
COURSES_ONE = "1 course"
COURSES_MANY = "{count} courses"
CATALOG_EMPTY_TITLE = "No course fits"
CATALOG_EMPTY_TEXT = "Try fewer words, or clear the filters to see everything."
CATALOG_ERROR_TITLE = "The courses did not load"
CATALOG_RESULTS = "Courses found"

# Places
PLACES_ONE = "1 place left"
PLACES_MANY = "{count} places left"
PLACES_NONE = "Full"
PLACES_CLOSED = "Booking closed"
FREE = "Free"
ONLINE = "Online"

# Course
BACK_TO_COURSES = "All courses"
BOOK_NOW = "Book now"
COURSE_FULL = "Course full"
COURSE_CLOSED = "Booking closed"
BOOKING_BUSY = "Reserving your place…"
BOOK_BOX = "Book this course"
BOOK_REASSURE = "We hold your place while you pay. You pay on Stripe's page."
BOOK_REASSURE_FREE = "Nothing to pay: your place is yours at once."
FULL_HELP = "Every place is taken. Places come back when somebody cancels, so look in again."
CLOSED_HELP = "This course has begun or was called off, so it can no longer be booked."
FACT_WHEN = "When"
FACT_WHERE = "Where"
FACT_TEACHER = "With"
FACT_LEVEL = "Level"
FACT_PLACES = "Places"
TERMS_TITLE = "If your plans change"
TERMS_STEP = "{percent} % back until {until}"
ABOUT_TITLE = "What you will do"
COURSE_MISSING_TITLE = "We could not find this course"
COURSE_MISSING_TEXT = "It may have been withdrawn, or the address is mistyped."
COURSE_ERROR_TITLE = "This course did not load"
COURSE_DEFAULT_TITLE = "Course"

# Sign-in
SIGN_IN_TITLE = "Sign in"
SIGN_IN_TEXT = "Choose one of the sample people. No password: this is a sandbox."
SIGN_IN_RETURN = "Afterwards you are back where you were."
SIGN_IN_NEEDED_TITLE = "Please sign in"
SIGN_IN_NEEDED_TEXT = "Your bookings are only shown to you."
SIGN_IN_ALREADY = "You are signed in already. Choosing somebody else changes over to them."
SIGN_IN_FAILED = "We could not check your sign-in. Please try again."

# Bookings
BOOKINGS_TITLE = "My bookings"
BOOKINGS_DESCRIPTION = "Your bookings, payments and refunds."
BOOKINGS_FILTER = "Show"
BOOKINGS_ALL = "All"
BOOKINGS_EMPTY_TITLE = "No bookings yet"
BOOKINGS_EMPTY_TEXT = "When you book a course, it appears here with its payment and your receipt."
BOOKINGS_EMPTY_FILTER_TITLE = "Nothing here"
BOOKINGS_EMPTY_FILTER_TEXT = "None of your bookings has this status."
BOOKINGS_ERROR_TITLE = "Your bookings did not load"
MORE_BOOKINGS = "Show older bookings"
SHOW_ALL = "Show all bookings"
HISTORY_TITLE = "What happened"
RECEIPT = "Receipt"
CANCEL_BOOKING = "Cancel booking"
CANCEL_TITLE = "Cancel this booking?"
CANCEL_CONFIRM = "Yes, cancel it"
CANCEL_KEEP = "Keep my place"
CANCEL_BACK = "You get {amount} back, to the card you paid with."
CANCEL_NOTHING_PAID = "You have not paid anything, so there is nothing to give back."
CANCEL_NOTHING_BACK = "By the terms of this course nothing is given back any more."
CANCELLED_DONE = "Your booking of «{title}» is cancelled. {money}"
REFUND_ON_ITS_WAY = "{amount} is on its way back to you."
NOTHING_CHARGED = "Nothing was charged."

STATUS = {
    "pending": "Waiting for payment",
    "confirmed": "Confirmed",
    "failed": "Payment failed",
    "cancelled": "Cancelled",
}
PAYMENT = {
    "unpaid": "Not paid yet",
    "processing": "Payment on its way",
    "paid": "Paid",
    "failed": "Not paid",
    "refunded": "Refunded",
    "partially_refunded": "Partly refunded",
    "disputed": "Payment questioned at your bank",
}
ATTEMPT = {
    "created": "Payment page being prepared",
    "open": "Payment page opened",
    "processing": "{amount} on its way from your bank",
    "succeeded": "Payment of {amount} received",
    "failed": "Payment of {amount} did not go through",
    "expired": "Payment page closed, nothing was charged",
    "superseded": "Replaced by a newer payment page",
}
REFUND = {
    "created": "Refund of {amount} asked for",
    "pending": "Refund of {amount} on its way to you",
    "succeeded": "Refund of {amount} sent",
    "failed": "Refund of {amount} did not go through; we are looking into it",
}
HELD_UNTIL = "Your place is held for another {left}, until {until}."
HOLD_ENDING = "The hold on your place ends now."
HOLD_PROCESSING = "Your bank is working on the payment. Your place stays yours meanwhile."

# After paying
CONFIRMING_TITLE = "Confirming your payment"
CONFIRMING_TEXT = "This takes a few seconds. You may close this page: nothing gets lost."
CONFIRMED_TITLE = "Booking confirmed"
CONFIRMED_TEXT = "We look forward to seeing you. A confirmation is on its way to {email}."
CONFIRMED_TEXT_PLAIN = "We look forward to seeing you. A confirmation is on its way by mail."
ON_ITS_WAY_TITLE = "Payment on its way"
ON_ITS_WAY_TEXT = (
    "Your bank is still working on it, which can take some days. Your place stays yours "
    "meanwhile. Please do not pay again; we write to you as soon as it is through."
)
LATER_TITLE = "Still confirming your payment"
LATER_TEXT = (
    "This takes longer than usual. You need not do anything: as soon as Stripe tells us that "
    "the payment is through, the booking is confirmed and we write to you. If it is not, "
    "nothing is charged or you get everything back."
)
GIVEN_BACK_TITLE = "Your money is on its way back"
GIVEN_BACK_TEXT = (
    "The payment reached us when no place was left for you, so we give all of it back. "
    "Banks take up to ten days to show it."
)
NOT_BOOKED_TITLE = "This booking is not active"
NOT_BOOKED_TEXT = "It was cancelled, or not paid in time. You find what happened in My bookings."
PAYMENT_MISSING_TITLE = "We could not find this payment"
PAYMENT_MISSING_TEXT = "It belongs to another account, or the address is not complete."
PAYMENT_SIGN_IN_TEXT = "Sign in with the account you booked with to see this payment."
NEXT_STEPS = "What happens next"
NEXT_MAIL = "A mail with a calendar entry is on its way to you."
NEXT_RECEIPT = "Your receipt is in My bookings."
NEXT_CHANGE = "Plans changed? You can cancel there too, by the terms of the course."
PAYMENT_CANCELLED_TITLE = "Payment cancelled"
PAYMENT_CANCELLED_TEXT = "You left the payment page, so nothing was charged."
PAYMENT_CANCELLED_RELEASED = "Your place is no longer held. If one is still free you can try again."
PAYMENT_CANCELLED_PAID = "This booking is confirmed by now, so there is nothing left to pay."
PAYMENT_CANCELLED_OVER = "This booking was cancelled."
BACK_TO_COURSE = "Back to the course"
RETRY_BUSY = "Opening the payment page…"
PAYMENT_ERROR_TITLE = "We could not look this up"
AMOUNT = "Amount"
COURSE = "Course"

# Time
DASH = "\N{EN DASH}"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ZONE = "{place} time"
LESS_THAN_A_MINUTE = "less than a minute"
MINUTE_ONE = "1 minute"
MINUTE_MANY = "{count} minutes"
HOUR_ONE = "1 hour"
HOUR_MANY = "{count} hours"
DAY_ONE = "1 day"
DAY_MANY = "{count} days"
