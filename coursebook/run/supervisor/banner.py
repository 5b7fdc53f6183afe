"""What a person reads when everything is up."""

from coursebook.run.supervisor.plan import Plan


def banner(plan: Plan) -> str:
    """Return the address and, in the sandbox, who can sign in and how to pay."""
    lines = ["", f"  coursebook is ready: {plan.public_url}", ""]
    if plan.sandbox_url:
        lines += [
            "  Sign in as  Sam or Sally (students) or Olga (operator)",
            "  Pay with    4242 4242 4242 4242, any future date, any CVC: no money moves",
            f"  Read mail   {plan.sandbox_url}/mailbox",
            f"  Sandbox     {plan.sandbox_url} (stands in for Stripe and sign-in)",
        ]
    else:
        mode = "live: real money moves" if plan.settings.is_live else "test mode: no money moves"
        lines.append(f"  Stripe is in {mode}")
    return "\n".join([*lines, "", "  Press Ctrl-C to stop.", ""])
