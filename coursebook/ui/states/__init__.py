"""The states of the pages: they identify the person, call a service and keep what is shown.

Every public method is an endpoint for anyone who can open a socket: it checks its arguments
first and then authorises. The name of a helper begins with an underscore, so that no socket can
call it.
"""
