"""The private Python environment: made, judged and mended. Of the standard library alone: it comes before all others.

install.py imports these rooms from the checkout, with whatever Python 3.11 or later a person has. The whole program
lies in one folder of the user's: `venv`, the environment, and `source`, what it was made from, so that it can be mended
when the checkout is gone, and the Python under it too.
"""
