"""The bundled table: a prefix, country (ISO 3166-1), region (ISO 3166-2), number and name of the AS.

Only what is reserved for documentation, private and special use (RFC 1918, 3849, 4193, 5737, 6598, 6890), which
is named rather than located, and a few anycast resolvers that are well known. A real table is given in the
configuration, or put here before the plugin is built.
"""

PREFIXES = [
    ("10.0.0.0/8", "", "", 0, "private"),
    ("172.16.0.0/12", "", "", 0, "private"),
    ("192.168.0.0/16", "", "", 0, "private"),
    ("fc00::/7", "", "", 0, "private"),
    ("100.64.0.0/10", "", "", 0, "carrier-grade nat"),
    ("127.0.0.0/8", "", "", 0, "loopback"),
    ("::1/128", "", "", 0, "loopback"),
    ("169.254.0.0/16", "", "", 0, "link-local"),
    ("fe80::/10", "", "", 0, "link-local"),
    ("192.0.2.0/24", "", "", 0, "documentation"),
    ("198.51.100.0/24", "", "", 0, "documentation"),
    ("203.0.113.0/24", "", "", 0, "documentation"),
    ("2001:db8::/32", "", "", 0, "documentation"),
    ("1.1.1.0/24", "AU", "AU-QLD", 13335, "Cloudflare"),
    ("1.0.0.0/24", "AU", "AU-QLD", 13335, "Cloudflare"),
    ("2606:4700:4700::/48", "US", "US-CA", 13335, "Cloudflare"),
    ("8.8.8.0/24", "US", "US-CA", 15169, "Google"),
    ("8.8.4.0/24", "US", "US-CA", 15169, "Google"),
    ("2001:4860:4860::/48", "US", "US-CA", 15169, "Google"),
    ("9.9.9.0/24", "CH", "CH-ZH", 19281, "Quad9"),
    ("2620:fe::/48", "CH", "CH-ZH", 19281, "Quad9"),
]
