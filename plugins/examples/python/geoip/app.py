"""Says where an address is: country, region and network of `client.address`, from a table of prefixes."""

import functools
import ipaddress

import lincei
from prefixes import PREFIXES

CACHE_ENTRIES = 8192
KEYS = ("geo.country.iso_code", "geo.region.iso_code", "client.as.number", "client.as.organization")

# for 4 and 6: the lengths that occur, longest first, and for each length the networks by their number
_lengths = {4: [], 6: []}
_networks = {4: {}, 6: {}}


def add(prefix, country, region, number, organization):
    """Adds a prefix to the table; one that is there is replaced."""
    network = ipaddress.ip_network(prefix)
    by_length = _networks[network.version].setdefault(network.prefixlen, {})
    by_length[int(network.network_address)] = (country or None, region or None, number or None, organization or None)
    _lengths[network.version] = sorted(_networks[network.version], reverse=True)


def init():
    """Takes over the table, and what the configuration adds: `{"prefixes": [{"prefix": "10.20.0.0/16", …}]}`."""
    for entry in PREFIXES:
        add(*entry)
    for entry in lincei.config.get("prefixes", []):
        try:
            add(entry["prefix"], entry.get("country"), entry.get("region"), entry.get("as"), entry.get("organization"))
        except (KeyError, ValueError) as problem:
            raise ValueError(f"prefixes: {entry}: {problem}") from None
    look_up.cache_clear()


@functools.lru_cache(CACHE_ENTRIES)
def look_up(text):
    """Country, region, AS and organization of an address by the longest prefix that has it, or None."""
    try:
        address = ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    number, bits = int(address), address.max_prefixlen
    for length in _lengths[address.version]:
        found = _networks[address.version][length].get(number >> (bits - length) << (bits - length))
        if found:
            return found
    return None


def process(record):
    """Called for each log record."""
    address = record.attributes.get("client.address")
    found = look_up(address) if address else None
    if found:
        attributes = record.attributes
        for key, value in zip(KEYS, found):
            if value is not None:
                attributes[key] = value


WitWorld = lincei.operator(
    name="geoip",
    version="1.0.0",
    description="Adds country, region and network of client.address.",
    signals=["logs", "spans"],
    reads={"attributes.client.address": str},
    changes={
        "attributes.geo.country.iso_code": str,
        "attributes.geo.region.iso_code": str,
        "attributes.client.as.number": int,
        "attributes.client.as.organization": str,
    },
    init=init,
    process=process,
)
