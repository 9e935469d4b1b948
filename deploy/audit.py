"""`make audit`: known faults in what the image's locks name. What could not be looked up is said, not called good."""

import json
import subprocess
import sys

LOCKS = ("requirements-image.txt", "requirements-build.txt")


def audited(lock: str) -> list[dict] | None:
    """Each package of the lock with its faults, or why it was skipped; None where nobody could be asked."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json"]
    done = subprocess.run([*command, "--requirement", lock], capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"{lock}: NOT audited, since the database of faults was not reached.", file=sys.stderr)
        return None


def main() -> int:
    """1 where there is a known fault."""
    found = 0
    for lock in LOCKS:
        packages = audited(lock)
        if packages is None:
            continue
        skipped = [package["name"] for package in packages if "skip_reason" in package]
        print(
            f"{lock}: {len(packages) - len(skipped)} looked up, {len(skipped)} could not be: {skipped or 'none'}"
        )
        for package in packages:
            for fault in package.get("vulns", []):
                found += 1
                fixed = ", ".join(fault["fix_versions"]) or "no version yet"
                print(f"{lock}: {package['name']} {package['version']}: {fault['id']}, fixed in {fixed}")
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
