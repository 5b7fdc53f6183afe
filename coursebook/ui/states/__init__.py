"""States: receptionists. They say who is there, ask a service, and keep what is shown.

Every public method is an endpoint for anybody who can open a socket: it checks its arguments
first and authorises inside. Helpers begin with an underscore, which keeps them unreachable.
"""
