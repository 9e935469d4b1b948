"""`make audit`: look up known vulnerabilities in the image's locks, and report every package it skipped."""

import json
import subprocess
import sys

LOCKS = ("requirements-image.txt", "requirements-build.txt")


def audited(lock: str) -> list[dict] | None:
    """Return the lock's packages with their vulnerabilities; None if the database is unreachable."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json"]
    done = subprocess.run([*command, "--requirement", lock], capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"{lock}: NOT audited: the vulnerability database did not answer.", file=sys.stderr)
        return None


def main() -> int:
    """Audit all locks. Return 1 if one has a known vulnerability."""
    found = 0
    for lock in LOCKS:
        packages = audited(lock)
        if packages is None:
            continue
        skipped = [package["name"] for package in packages if "skip_reason" in package]
        print(
            f"{lock}: {len(packages) - len(skipped)} looked up, {len(skipped)} skipped: {skipped or 'none'}"
        )
        for package in packages:
            for fault in package.get("vulns", []):
                found += 1
                fixed = ", ".join(fault["fix_versions"]) or "no version yet"
                print(f"{lock}: {package['name']} {package['version']}: {fault['id']}, fixed in {fixed}")
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
