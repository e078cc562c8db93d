"""Numbers, names and archives that several generators make: right check digits, host names, workbooks without a clock."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile

SAVED_AT = "2025-03-31T09:00:00Z"


def slug(name: str) -> str:
    """Make a host name of a company's name."""
    ascii_name = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o")).encode("ascii", "ignore")
    return re.sub("[^a-z0-9]+", "-", ascii_name.decode().lower()).strip("-")


def iban(code: str, account: str) -> str:
    """Build an account number with true check digits at a bank that does not exist."""
    belgian = f"999{account[:7]}"
    body = {
        "NL": f"VRBD{account}",
        "DE": f"00000000{account}",
        "BE": f"{belgian}{int(belgian) % 97 or 97:02d}",
        "AT": f"000000{account}",
    }[code]
    number = "".join(str(int(letter, 36)) for letter in f"{body}{code}00")
    return f"{code}{98 - int(number) % 97:02d}{body}"


def vat(code: str, digits: str) -> str:
    """Build a VAT number of eight digits with a true check digit."""
    match code:
        case "NL":
            check = sum(int(d) * weight for d, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
            return vat(code, f"{int(digits) + 1:08d}") if check == 10 else f"NL{digits}{check}B01"
        case "BE":
            return f"BE0{digits[:7]}{97 - int(digits[:7]) % 97:02d}"
        case "AT":
            doubled = (int(d) if i % 2 == 0 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(digits[1:]))
            return f"ATU{digits[1:]}{(96 - sum(doubled)) % 10}"
        case _:
            product = 10
            for digit in digits:
                product = ((int(digit) + product) % 10 or 10) * 2 % 11
            return f"DE{digits}{(11 - product) % 10}"


def timeless(archive: bytes) -> bytes:
    """Copy a workbook's archive without the times that openpyxl and zipfile take from the clock."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            body = old.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>" + SAVED_AT.encode(), body)
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(info, body)
    return out.getvalue()
