"""Bytes of HTTP <-> what the API asks and says: requests read as the framework reads them, answers, the throttle."""
