"""What a script can import. A component has the modules that were imported when it was built, and no others."""

import __future__
import abc, array, ast, base64, binascii, bisect, calendar, cmath, codecs, collections, collections.abc, colorsys
import configparser, contextlib, copy, csv, dataclasses, datetime, decimal, difflib, email, email.message
import email.parser, email.policy, email.utils, enum, fnmatch, fractions, functools, gc, graphlib, hashlib, heapq
import hmac, html, html.entities, html.parser, inspect, io, ipaddress, itertools, json, keyword, linecache, locale
import logging, math, mimetypes, numbers, operator, pprint, queue, quopri, random, re, reprlib, secrets, shlex
import statistics, string, struct, textwrap, threading, time, tokenize, tomllib, traceback, types, typing
import unicodedata, urllib.parse, uuid, warnings, weakref, xml.etree.ElementTree, zlib, zoneinfo
import _strptime  # what strptime imports when it is first called

import encodings.ascii, encodings.base64_codec, encodings.big5, encodings.charmap, encodings.cp437, encodings.cp850
import encodings.cp1250, encodings.cp1251, encodings.cp1252, encodings.cp1253, encodings.cp1254, encodings.cp932
import encodings.cp949, encodings.euc_jp, encodings.euc_kr, encodings.gb18030, encodings.gbk, encodings.hex_codec
import encodings.idna, encodings.iso8859_1, encodings.iso8859_15, encodings.iso8859_2, encodings.iso8859_5
import encodings.koi8_r, encodings.latin_1, encodings.mac_roman, encodings.punycode, encodings.quopri_codec
import encodings.raw_unicode_escape, encodings.rot_13, encodings.shift_jis, encodings.unicode_escape
import encodings.utf_16, encodings.utf_16_be, encodings.utf_16_le, encodings.utf_32, encodings.utf_32_be
import encodings.utf_32_le, encodings.utf_7, encodings.utf_8_sig, encodings.zlib_codec

import lincei.zones

for _name in ("latin-1", "iso-8859-1", "cp1252", "utf-16", "utf-32", "idna", "gbk", "gb18030", "big5", "shift_jis"):
    codecs.lookup(_name)
