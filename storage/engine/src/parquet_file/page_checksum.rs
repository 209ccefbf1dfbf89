//! Page checksums, which the Parquet library verifies but does not write: a finished page passes
//! through here on its way into its column chunk, and its header gets field 4, `crc`.
//!
//! The header is a Thrift struct in the compact protocol
//! (<https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>). A field
//! starts with one byte, `distance to the last field's id << 4 | type`, so the new field takes one
//! off the distance of the next:
//!
//! | bytes | field | before | after |
//! |---|---|---|---|
//! | `15` + varint | 1 `type` | same | same |
//! | `15` + varint | 2 `uncompressed_page_size` | same | same |
//! | `15` + varint | 3 `compressed_page_size` | same | same |
//! | `15` + varint | 4 `crc` | absent | CRC-32 of the page's bytes |
//! | `dC` … | 5, 7 or 8, the struct for the page's kind | `d` = 2, 4 or 5 | `d` = 1, 3 or 4 |

use bytes::{BufMut, Bytes, BytesMut};
use parking_lot::Mutex;
use parquet::arrow::arrow_writer::{PageKey, PageStore, PageStoreArgs, PageStoreFactory};
use parquet::basic::{Encoding, PageType};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};
use std::sync::Arc;

/// An `i32` field one after the last.
const NEXT_I32: u8 = 0x15;
/// `PageType::DICTIONARY_PAGE` in parquet.thrift.
const DICTIONARY_PAGE: i32 = 2;

/// Where the finished pages of the row group under way wait for their column chunks to be
/// assembled. Clones share the pages.
#[derive(Clone, Debug, Default)]
pub(super) struct PageShelf(Arc<Mutex<Vec<SharedPages>>>);

type SharedPages = Arc<Mutex<ColumnPages>>;

impl PageShelf {
    /// Takes the pages of all columns, in the order of the leaves, and leaves the shelf empty.
    pub(super) fn take(&self) -> Vec<ColumnPages> {
        let columns = std::mem::take(&mut *self.0.lock());
        columns.into_iter().map(|pages| std::mem::take(&mut *pages.lock())).collect()
    }
}

impl PageStoreFactory for PageShelf {
    fn create(&self, args: &PageStoreArgs<'_>) -> Result<Box<dyn PageStore>> {
        let mut columns = self.0.lock();
        if args.column_index() != columns.len() {
            return Err(general(format!("column {} begins after column {}", args.column_index(), columns.len())));
        }
        let pages = SharedPages::default();
        columns.push(pages.clone());
        Ok(Box::new(PageIntake(pages)))
    }
}

/// The pages of one column chunk.
#[derive(Debug, Default)]
pub(super) struct ColumnPages {
    /// A header whose page has yet to arrive.
    header: Option<Bytes>,
    dictionary: Option<Page>,
    data: Vec<Page>,
    bytes: usize,
    /// Bytes of the headers and of everything that are more than the library knows.
    growth: Growth,
    /// Pages that were exchanged for some of this encoding.
    exchanged: Option<(Encoding, i32)>,
}

#[derive(Debug, Default)]
struct Growth {
    headers: i64,
    chunk: i64,
}

#[derive(Debug)]
struct Page {
    header: Bytes,
    body: Bytes,
}

impl Page {
    fn len(&self) -> usize {
        self.header.len() + self.body.len()
    }
}

impl ColumnPages {
    fn accept(&mut self, header: &[u8], body: Bytes) -> Result<()> {
        let (kind, checked) = with_checksum(header, &body)?;
        let page = Page { header: checked, body };
        self.growth.headers += length(&page.header)? - length(header)?;
        self.growth.chunk += length(&page.header)? - length(header)?;
        self.bytes += page.len();
        if kind != DICTIONARY_PAGE {
            self.data.push(page);
        } else if self.dictionary.replace(page).is_some() {
            return Err(general("a column chunk with two dictionary pages".to_owned()));
        }
        Ok(())
    }

    /// The smaller one of each two pages, where `rivals` are the same data pages in another encoding.
    pub(super) fn or_smaller(mut self, rivals: Self, encoding: Encoding) -> Result<Self> {
        if rivals.data.len() != self.data.len() || rivals.dictionary.is_some() {
            return Err(general(format!("{} pages and {} rivals", self.data.len(), rivals.data.len())));
        }
        let mut exchanged = 0;
        for (page, rival) in self.data.iter_mut().zip(rivals.data) {
            if rival.len() >= page.len() {
                continue;
            }
            self.growth.headers += length(&rival.header)? - length(&page.header)?;
            self.growth.chunk += i64::try_from(rival.len())? - i64::try_from(page.len())?;
            self.bytes = self.bytes - page.len() + rival.len();
            *page = rival;
            exchanged += 1;
        }
        self.exchanged = (exchanged > 0).then_some((encoding, exchanged));
        Ok(self)
    }

    /// The column chunk, dictionary first, and `close` with places and sizes as they now are,
    /// counted from the chunk's first byte.
    pub(super) fn assemble(self, mut close: ColumnCloseResult) -> Result<(Bytes, ColumnCloseResult)> {
        let dictionary_len = i64::try_from(self.dictionary.as_ref().map_or(0, Page::len))?;
        let metadata = close.metadata;
        let size = metadata.compressed_size() + self.growth.chunk;
        if self.header.is_some() || i64::try_from(self.bytes)? != size {
            return Err(general(format!("{} bytes of pages in a column chunk of {size}", self.bytes)));
        }
        let raw_size = metadata.uncompressed_size() + self.growth.headers;
        let encodings = encodings(&metadata, self.exchanged);
        let builder = metadata.into_builder().set_total_compressed_size(size).set_total_uncompressed_size(raw_size);
        let builder = builder.set_dictionary_page_offset(self.dictionary.is_some().then_some(0));
        let mut builder = builder.set_data_page_offset(dictionary_len);
        if let Some((encodings, of_pages)) = encodings {
            builder = builder.set_encodings(encodings).set_page_encoding_stats(of_pages);
        }
        close.metadata = builder.build()?;
        close.bytes_written = close.bytes_written.saturating_add_signed(self.growth.chunk);

        let locations = close.offset_index.as_mut().map_or(&mut [][..], |index| &mut index.page_locations);
        if locations.len() != self.data.len() {
            return Err(general(format!("{} pages and {} places of pages", self.data.len(), locations.len())));
        }
        let mut offset = dictionary_len;
        for (location, page) in locations.iter_mut().zip(&self.data) {
            location.offset = offset;
            location.compressed_page_size = i32::try_from(page.len())?;
            offset += i64::from(location.compressed_page_size);
        }
        let mut chunk = BytesMut::with_capacity(self.bytes);
        for page in self.dictionary.iter().chain(&self.data) {
            chunk.put_slice(&page.header);
            chunk.put_slice(&page.body);
        }
        Ok((chunk.freeze(), close))
    }
}

/// The encodings of a chunk and of its pages, if `exchanged` has changed them: so many data pages to
/// that encoding.
fn encodings(
    metadata: &ColumnChunkMetaData,
    exchanged: Option<(Encoding, i32)>,
) -> Option<(Vec<Encoding>, Vec<PageEncodingStats>)> {
    let (encoding, mut left) = exchanged?;
    let mut of_pages = metadata.page_encoding_stats().cloned().unwrap_or_default();
    let is_data = |stats: &PageEncodingStats| stats.page_type != PageType::DICTIONARY_PAGE;
    let page_type = of_pages.iter().find(|stats| is_data(stats)).map_or(PageType::DATA_PAGE_V2, |s| s.page_type);
    let count = left;
    for stats in of_pages.iter_mut().filter(|stats| is_data(stats)) {
        let less = stats.count.min(left);
        stats.count -= less;
        left -= less;
    }
    of_pages.retain(|stats| stats.count > 0);
    of_pages.push(PageEncodingStats { page_type, encoding, count });
    let levels = metadata.encodings().filter(|e| *e == Encoding::RLE);
    let encodings = levels.chain(of_pages.iter().map(|stats| stats.encoding)).collect();
    Some((encodings, of_pages))
}

fn length(bytes: &[u8]) -> Result<i64> {
    Ok(i64::try_from(bytes.len())?)
}

/// The library's end of the shelf: takes a page's header, then its body, and gives nothing back.
struct PageIntake(SharedPages);

impl PageStore for PageIntake {
    fn put(&mut self, value: Bytes) -> Result<PageKey> {
        let mut pages = self.0.lock();
        match pages.header.take() {
            None => pages.header = Some(value),
            Some(header) => pages.accept(&header, value)?,
        }
        Ok(PageKey::new(0))
    }

    fn take(&mut self, _: PageKey) -> Result<Bytes> {
        Err(general("pages leave through their shelf".to_owned()))
    }

    fn memory_size(&self) -> usize {
        self.0.lock().bytes
    }
}

/// The page's type, and its header with the checksum of `body`.
fn with_checksum(header: &[u8], body: &[u8]) -> Result<(i32, Bytes)> {
    let (kind, rest) = next_i32(header)?;
    let (_, rest) = next_i32(rest)?;
    let (size, rest) = next_i32(rest)?;
    if usize::try_from(size) != Ok(body.len()) {
        return Err(general(format!("a page header for {size} bytes before {} bytes", body.len())));
    }
    let Some((&field, tail)) = rest.split_first().filter(|(field, _)| [0x2C, 0x4C, 0x5C].contains(*field)) else {
        return Err(general(format!("page header goes on with {:02x?}", rest.first())));
    };
    let before = header.len() - rest.len();
    let crc = crc32fast::hash(body).cast_signed();
    let mut out = BytesMut::with_capacity(header.len() + 6);
    out.put_slice(header.get(..before).unwrap_or_default());
    out.put_u8(NEXT_I32);
    put_zigzag(&mut out, crc);
    out.put_u8(field - 0x10);
    out.put_slice(tail);
    Ok((kind, out.freeze()))
}

/// Reads the field `NEXT_I32`; gives its value and the bytes after it.
fn next_i32(bytes: &[u8]) -> Result<(i32, &[u8])> {
    let (&field, mut rest) = bytes.split_first().ok_or_else(short)?;
    if field != NEXT_I32 {
        return Err(general(format!("page header has {field:#04x} for a field of type i32")));
    }
    let mut value = 0_u32;
    for shift in (0..32).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or_else(short)?;
        rest = after;
        value |= u32::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(((value >> 1).cast_signed() ^ -((value & 1).cast_signed()), rest));
        }
    }
    Err(general("page header has an integer of more than 32 bits".to_owned()))
}

fn put_zigzag(out: &mut BytesMut, value: i32) {
    let mut rest = ((value << 1) ^ (value >> 31)).cast_unsigned();
    while rest >= 0x80 {
        out.put_u8((rest & 0x7F) as u8 | 0x80);
        rest >>= 7;
    }
    out.put_u8(rest as u8);
}

fn short() -> ParquetError {
    general("page header ends early".to_owned())
}

fn general(detail: String) -> ParquetError {
    ParquetError::General(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of 9 bytes, as Thrift's Python library (`TCompactProtocol`) writes it:
    /// `PageHeader(type=3, uncompressed_page_size=300, compressed_page_size=9,
    /// data_page_header_v2=…)`, the last struct cut to its first byte and its end.
    const HEADER: [u8; 11] = [0x15, 0x06, 0x15, 0xD8, 0x04, 0x15, 0x12, 0x5C, 0x15, 0x02, 0x00];

    #[test]
    fn the_checksum_is_field_four() {
        let (kind, header) = with_checksum(&HEADER, b"123456789").unwrap();
        assert_eq!(kind, 3);
        // CRC-32 of "123456789" is 0xCBF43926 (its published check value), as i32 -873187034,
        // zigzag 1746374067, varint B3 9B DE C0 06
        let expected =
            [0x15, 0x06, 0x15, 0xD8, 0x04, 0x15, 0x12, 0x15, 0xB3, 0x9B, 0xDE, 0xC0, 0x06, 0x4C, 0x15, 0x02, 0x00];
        assert_eq!(header[..], expected);
    }

    #[test]
    fn unknown_headers_are_refused() {
        let mut wrong_size = HEADER;
        wrong_size[6] = 0x14;
        let mut has_crc = HEADER;
        has_crc[7] = 0x15;
        let mut endless = [0xFF; 11];
        endless[0] = NEXT_I32;
        for header in [&wrong_size[..], &has_crc, &endless, &HEADER[..7], &HEADER[..4], &HEADER[1..], &[]] {
            assert!(with_checksum(header, b"123456789").is_err(), "{header:02x?}");
        }
    }

    #[test]
    fn zigzag_varints_agree_with_the_specification() {
        for (value, bytes) in [
            (0, &[0x00][..]),
            (-1, &[0x01]),
            (1, &[0x02]),
            (63, &[0x7E]),
            (-64, &[0x7F]),
            (64, &[0x80, 0x01]),
            (i32::MAX, &[0xFE, 0xFF, 0xFF, 0xFF, 0x0F]),
            (i32::MIN, &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        ] {
            let mut out = BytesMut::from(&[NEXT_I32][..]);
            put_zigzag(&mut out, value);
            assert_eq!(&out[1..], bytes, "{value}");
            assert_eq!(next_i32(&out).unwrap(), (value, &[][..]), "{value}");
        }
    }
}
