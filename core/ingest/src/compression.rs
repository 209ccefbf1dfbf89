//! `Content-Encoding` of request bodies.

use crate::IngestError;
use flate2::bufread::MultiGzDecoder;
use libdeflater::Decompressor;
use memchr::memmem;
use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

/// Largest back-reference window a zstd frame may ask for, as a power of two: the decompressor
/// allocates that much before it has written a byte, so it may not exceed what a body may hold.
const ZSTD_WINDOW_LOG_MAX: u32 = 26;

/// How a gzip member begins: magic, then deflate, the only method (RFC 1952 2.3.1).
const GZIP_MEMBER: [u8; 3] = [0x1f, 0x8b, 8];
/// Deflate shrinks no further (zlib.net, "Maximum Compression Factor": 1032).
const DEFLATE_RATIO_MAX: usize = 1032;
/// How many times its size a body may take when it is unpacked at once.
const ZSTD_RATIO_MAX: usize = 16;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ContentEncoding {
    /// Not at all.
    #[default]
    Identity,
    /// RFC 1952; several members in a row are one body.
    Gzip,
    /// RFC 8878; several frames in a row are one body.
    Zstd,
}

impl fmt::Display for ContentEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

impl FromStr for ContentEncoding {
    type Err = IngestError;

    /// Reads a `Content-Encoding` (or `grpc-encoding`) header value; empty is `identity`.
    fn from_str(header: &str) -> Result<Self, Self::Err> {
        match header.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            // RFC 9110 8.4.1.3: x-gzip is the same as gzip
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            _ => Err(IngestError::UnknownEncoding(header.to_owned())),
        }
    }
}

/// Decompresses a whole body. Never holds more than `bytes_max` bytes of output, so a bomb costs
/// that much and no more.
///
/// # Errors
/// [`IngestError::BodyTooLarge`] when there would be more than `bytes_max` bytes (also without
/// compression), [`IngestError::Compression`] when the stream is damaged, cut short, or followed by
/// something else.
pub fn decompress(encoding: ContentEncoding, body: &[u8], bytes_max: usize) -> Result<Cow<'_, [u8]>, IngestError> {
    let output = match encoding {
        ContentEncoding::Identity if body.len() > bytes_max => {
            return Err(IngestError::BodyTooLarge { limit: bytes_max });
        }
        ContentEncoding::Identity => return Ok(Cow::Borrowed(body)),
        ContentEncoding::Gzip => match gunzip_at_once(body, bytes_max) {
            Some(bytes) => Ok(Some(bytes)),
            None => read_bounded(MultiGzDecoder::new(body), body.len(), bytes_max),
        },
        ContentEncoding::Zstd => match unzstd_at_once(body, bytes_max) {
            Some(bytes) => Ok(Some(bytes)),
            None => zstd::stream::read::Decoder::with_buffer(body).and_then(|mut decoder| {
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                read_bounded(decoder, body.len(), bytes_max)
            }),
        },
    };
    match output {
        Ok(Some(bytes)) => Ok(Cow::Owned(bytes)),
        Ok(None) => Err(IngestError::BodyTooLarge { limit: bytes_max }),
        Err(source) => Err(IngestError::Compression { encoding, source }),
    }
}

/// A body of one gzip member, the usual case: its last four bytes tell how long it becomes (RFC 1952
/// 2.3.1), so that it needs no second buffer. `None` for any other body, and for a damaged one.
fn gunzip_at_once(body: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    let length = u32::from_le_bytes(*body.last_chunk()?) as usize;
    let is_plausible = length <= bytes_max && length <= body.len().saturating_mul(DEFLATE_RATIO_MAX);
    if !is_plausible || memmem::find(body.get(1..)?, &GZIP_MEMBER).is_some() {
        return None;
    }
    let mut output = vec![0; length];
    let written = Decompressor::new().gzip_decompress(body, &mut output).ok()?;
    (written == length).then_some(output)
}

/// A body that does not shrink to less than a sixteenth, without the window that a stream needs.
/// `None` for any other body, and for a damaged one.
fn unzstd_at_once(body: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    zstd::bulk::decompress(body, body.len().saturating_mul(ZSTD_RATIO_MAX).min(bytes_max)).ok()
}

/// Everything `reader` yields, or `None` when that is more than `bytes_max`.
fn read_bounded(mut reader: impl Read, wire_bytes: usize, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    // telemetry shrinks to about a quarter
    let mut output = Vec::with_capacity(wire_bytes.saturating_mul(4).min(bytes_max));
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    reader.by_ref().take(limit).read_to_end(&mut output)?;
    // the end of the stream, or one byte too many
    let more = reader.read(&mut [0])?;
    Ok((more == 0).then_some(output))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use lincei_model::ErrorCode;
    use std::io::Write;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn compress(encoding: ContentEncoding, data: &[u8]) -> Vec<u8> {
        match encoding {
            ContentEncoding::Identity => data.to_vec(),
            ContentEncoding::Gzip => gzip(data),
            ContentEncoding::Zstd => zstd::encode_all(data, 3).unwrap(),
        }
    }

    #[test]
    fn header_values_name_encodings() {
        for (header, want) in [
            ("", ContentEncoding::Identity),
            ("identity", ContentEncoding::Identity),
            ("gzip", ContentEncoding::Gzip),
            (" GZIP ", ContentEncoding::Gzip),
            ("x-gzip", ContentEncoding::Gzip),
            ("zstd", ContentEncoding::Zstd),
        ] {
            assert_eq!(header.parse::<ContentEncoding>().unwrap(), want, "{header:?}");
        }
        for header in ["br", "gzip, zstd", "deflate", "gz ip", "*"] {
            let error = header.parse::<ContentEncoding>().unwrap_err();
            assert_eq!(error.code(), ErrorCode::Invalid);
            assert_eq!(error.to_string(), format!("unknown content encoding {header:?} (known: identity, gzip, zstd)"));
        }
    }

    #[test]
    fn streams_may_have_several_parts() {
        for encoding in [ContentEncoding::Gzip, ContentEncoding::Zstd] {
            let mut body = compress(encoding, b"first ");
            body.extend(compress(encoding, b""));
            body.extend(compress(encoding, b"second"));
            assert_eq!(decompress(encoding, &body, 100).unwrap().as_ref(), b"first second", "{encoding}");
        }
    }

    /// The end of the body tells the length of the last member only, here the same as the first's.
    #[test]
    fn equal_members_are_all_unpacked() {
        let member = gzip(b"the same");
        let body = [member.as_slice(), &member].concat();
        assert_eq!(decompress(ContentEncoding::Gzip, &body, 100).unwrap().as_ref(), b"the samethe same");
    }

    #[test]
    fn bodies_that_shrink_much_and_little_come_back() {
        let mut noise = Vec::new();
        let mut state = 1_u32;
        for _ in 0..100_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.push((state >> 24) as u8);
        }
        let lines = "GET /cart 200 user=17\n".repeat(5000).into_bytes();
        for data in [noise, lines, vec![7; 1 << 20], Vec::new()] {
            for encoding in [ContentEncoding::Gzip, ContentEncoding::Zstd] {
                let body = compress(encoding, &data);
                assert!(decompress(encoding, &body, 1 << 20).unwrap().as_ref() == data, "{encoding} {}", data.len());
            }
        }
    }

    #[test]
    fn the_limit_is_exact() {
        let data = vec![7; 1000];
        for encoding in [ContentEncoding::Identity, ContentEncoding::Gzip, ContentEncoding::Zstd] {
            let body = compress(encoding, &data);
            assert_eq!(decompress(encoding, &body, 1000).unwrap().as_ref(), data, "{encoding}");
            let error = decompress(encoding, &body, 999).unwrap_err();
            assert_eq!(error.code(), ErrorCode::TooLarge, "{encoding}");
            assert_eq!(error.to_string(), "body is larger than 999 bytes after decompression");
        }
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        for encoding in [ContentEncoding::Gzip, ContentEncoding::Zstd] {
            let bomb = compress(encoding, &vec![0; 4 << 20]);
            assert!(bomb.len() < 1 << 13, "{encoding} bomb of {} bytes", bomb.len());
            assert_eq!(decompress(encoding, &bomb, 1 << 16).unwrap_err().code(), ErrorCode::TooLarge);
        }
    }

    #[test]
    fn damaged_streams_are_invalid() {
        for encoding in [ContentEncoding::Gzip, ContentEncoding::Zstd] {
            let whole = compress(encoding, b"some text that is long enough to be compressed, text, text, text");
            let mut cases: Vec<(String, Vec<u8>)> = vec![
                ("not compressed".to_owned(), b"{\"resourceLogs\":[]}".to_vec()),
                ("followed by text".to_owned(), [whole.as_slice(), b"trailing"].concat()),
            ];
            for cut in 1..whole.len() {
                cases.push((format!("cut at {cut}"), whole[..cut].to_vec()));
            }
            for (name, body) in cases {
                let error = decompress(encoding, &body, 1 << 20).unwrap_err();
                assert_eq!(error.code(), ErrorCode::Invalid, "{encoding} {name}");
                assert!(error.to_string().contains(&encoding.to_string()), "{error}");
            }
        }
    }

    #[test]
    fn a_corrupted_gzip_checksum_is_noticed() {
        let mut body = gzip(b"payload payload payload");
        let crc = body.len() - 8;
        body[crc] ^= 1;
        assert_eq!(decompress(ContentEncoding::Gzip, &body, 100).unwrap_err().code(), ErrorCode::Invalid);
    }

    #[test]
    fn a_zstd_window_beyond_the_limit_is_refused() {
        // RFC 8878 3.1.1: magic, frame header descriptor 0 (window descriptor follows, no content
        // size), window descriptor exponent 17 (2^27 bytes), then an empty last raw block
        // one byte 4096 times (a last RLE block), so that it is not unpacked at once
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x03, 0x80, 0x00, b'x'];
        assert_eq!(decompress(ContentEncoding::Zstd, &frame, 1 << 20).unwrap_err().code(), ErrorCode::Invalid);
        let fits = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 16 << 3, 0x03, 0x80, 0x00, b'x'];
        assert_eq!(decompress(ContentEncoding::Zstd, &fits, 1 << 20).unwrap().as_ref(), [b'x'; 4096]);
    }
}
