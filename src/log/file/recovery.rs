//! Opening: finds the end of the log, cuts a torn tail, refuses damage (`log::file`, "Recovery policy").

use std::collections::VecDeque;
use std::io;

use crate::log::file::batches::{Batches, Next, READ_AT_ONCE};
use crate::log::file::disk::{Disk, DiskFile, read_full, write_full};
use crate::log::file::format::{
    BATCH_HEAD_LEN, BatchHead, FRAME_BYTES_MAX, NoSegmentHead, SEGMENT_HEAD_LEN, SEGMENT_VERSION, SegmentHead,
};
use crate::log::file::index::Mark;
use crate::log::file::segment::{FileKind, Segment, file_kind, segment_name};
use crate::log::file::{Active, Cut, damaged, failed};
use crate::log::{LogError, Position};

/// Octets that are looked through at once behind the end.
const LOOK_AT_ONCE: usize = 256 * 1024;

/// What opening found in a folder that holds a log.
pub(super) struct Found<F> {
    /// The segments that hold records, oldest first; the last of them is the active one.
    pub(super) segments: VecDeque<Segment>,
    /// The segment that is appended to.
    pub(super) active: Active<F>,
    /// The end of the log.
    pub(super) end: Position,
    /// What was cut away.
    pub(super) cut: Option<Cut>,
}

/// Finds the log in a folder that is already locked; `None` when there is none yet.
pub(super) fn find<D: Disk>(disk: &D) -> Result<Option<Found<D::File>>, LogError> {
    let Scan { segments, empty, mut useless } = scan(disk)?;
    let found = match segments.back() {
        Some(last) => {
            let name = segment_name(last.number);
            let file = disk.open(&name).map_err(failed(disk, "opening", &name))?;
            Some((last, name, find_end(disk, last, file)?))
        }
        None => None,
    };
    // Only now, when nothing is refused any more, is anything changed.
    useless.extend(empty.into_iter().map(|(number, _)| segment_name(number)));
    for name in &useless {
        disk.remove(name).map_err(failed(disk, "removing", name))?;
    }
    if !useless.is_empty() {
        disk.sync_folder().map_err(failed(disk, "syncing", ""))?;
    }
    let Some((last, name, LastBatch { file, begins, offset, end, torn_to })) = found else { return Ok(None) };
    let (number, salt, size) = (last.number, last.salt, last.size);
    let active = Active { file, name, number, salt, offset, size };
    let cut = settle(disk, &active, begins, torn_to)?;
    Ok(Some(Found { segments, active, end, cut }))
}

/// What the files of a folder are.
pub(super) struct Scan {
    /// The segments that hold records, oldest first.
    pub(super) segments: VecDeque<Segment>,
    /// The segments that hold none, by number, each with its size in octets.
    pub(super) empty: Vec<(u64, u64)>,
    /// The names of those whose making did not end.
    useless: Vec<String>,
}

/// Reads the heads of all segments and refuses an order that cannot be.
pub(super) fn scan<D: Disk>(disk: &D) -> Result<Scan, LogError> {
    let mut numbers = Vec::new();
    let mut useless = Vec::new();
    for name in disk.list().map_err(failed(disk, "listing", ""))? {
        match file_kind(&name) {
            FileKind::Segment(number) => numbers.push(number),
            FileKind::HalfMade => useless.push(name),
            FileKind::Foreign => {}
        }
    }
    numbers.sort_unstable();
    let mut segments = VecDeque::new();
    let mut empty = Vec::new();
    let mut torn = None;
    for number in numbers {
        match examine(disk, number)? {
            Examined::Used(segment) => {
                segments.push_back(segment);
                if let Some(torn) = torn {
                    let expected = format!("the head of a segment, as segment {number} follows it");
                    return Err(damaged(disk, &segment_name(torn), 0, expected));
                }
            }
            Examined::Spare(size) => empty.push((number, size)),
            Examined::Torn(size) => {
                empty.push((number, size));
                torn = Some(number);
            }
        }
    }
    check_order(disk, &segments, &empty)?;
    Ok(Scan { segments, empty, useless })
}

/// What a segment is by its head.
enum Examined {
    /// It was begun: batches may follow.
    Used(Segment),
    /// Zeros, of so many octets.
    Spare(u64),
    /// Its beginning did not end: no batches. Its file has so many octets.
    Torn(u64),
}

/// Reads a segment's head.
fn examine<D: Disk>(disk: &D, number: u64) -> Result<Examined, LogError> {
    let name = segment_name(number);
    let file = disk.open_to_read(&name).map_err(failed(disk, "opening", &name))?;
    let size = file.size().map_err(failed(disk, "reading", &name))?;
    let mut octets = [0; SEGMENT_HEAD_LEN];
    let read = read_full(&file, &mut octets, 0).map_err(failed(disk, "reading", &name))?;
    if read < SEGMENT_HEAD_LEN {
        return Err(too_short(disk, &name, size, SEGMENT_HEAD_LEN as u64));
    }
    match SegmentHead::decode(&octets) {
        // Before anything is made of its number or its batches: what is missing may have held them.
        Ok(SegmentHead { size: Some(made), .. }) if size < made.get() => {
            Err(too_short(disk, &name, size, made.get()))
        }
        Ok(head) if head.number == number => Ok(Examined::Used(Segment::new(head, size))),
        Ok(head) => {
            let expected = format!("the head of segment {number}, not that of {}", head.number);
            Err(damaged(disk, &name, 0, expected))
        }
        Err(NoSegmentHead::LaterVersion(found)) => Err(LogError::LaterFormat {
            file: disk.path().join(&name),
            offset: 0,
            what: "segment",
            found,
            known: SEGMENT_VERSION,
        }),
        // The head is synced before the first batch is written: without a head there can be no batch.
        Err(NoSegmentHead::Broken) => {
            let behind =
                look_behind(&file, SEGMENT_HEAD_LEN as u64, 0).map_err(failed(disk, "reading", &name))?;
            match behind.written_to {
                Some(_) => Err(damaged(disk, &name, 0, "the head of a segment that holds batches".into())),
                None if octets == [0; SEGMENT_HEAD_LEN] => Ok(Examined::Spare(size)),
                None => Ok(Examined::Torn(size)),
            }
        }
    }
}

/// Refuses a file that has lost its end. No crash does that: a segment is whole and synced before it gets its name.
fn too_short<D: Disk>(disk: &D, name: &str, size: u64, made: u64) -> LogError {
    damaged(disk, name, size, format!("{made} octets or more, and the file ends after {size}"))
}

/// Refuses what no history of appends, trims and crashes can have left behind.
fn check_order<D: Disk>(
    disk: &D,
    segments: &VecDeque<Segment>,
    empty: &[(u64, u64)],
) -> Result<(), LogError> {
    for (earlier, later) in segments.iter().zip(segments.iter().skip(1)) {
        // Equal is possible: the first batch of a new segment was too long for it.
        if later.first < earlier.first {
            let expected = format!("a segment from position {} or later, not {}", earlier.first, later.first);
            return Err(damaged(disk, &segment_name(later.number), 0, expected));
        }
    }
    match (segments.front(), empty) {
        (None, [(number, _), ..]) if *number != FIRST_NUMBER => {
            let expected = "records, or segments before it that hold them".into();
            Err(damaged(disk, &segment_name(*number), 0, expected))
        }
        _ => Ok(()),
    }
}

/// The number of the first segment of a log. Numbers only grow; one may be left out.
pub(super) const FIRST_NUMBER: u64 = 1;

/// Where the last whole batch of a segment lies.
pub(super) struct LastBatch<F> {
    /// The segment's file.
    file: F,
    /// Where it begins; when there is none, zero: the segment's head takes its place.
    begins: u64,
    /// Where it ends, and the next one goes.
    pub(super) offset: u64,
    /// The position after its last record.
    pub(super) end: Position,
    /// Where behind it something was written all the same, if anywhere.
    pub(super) torn_to: Option<u64>,
}

/// Reads the last segment to its end: the place for the next batch, the position it will get.
///
/// Somebody else may be appending to it (`FileLog::look`): what looks like damage is read again before it is believed,
/// because a batch that was being written when it was read is whole by the time that another one stands behind it.
pub(super) fn find_end<D: Disk>(
    disk: &D,
    segment: &Segment,
    file: D::File,
) -> Result<LastBatch<D::File>, LogError> {
    let name = segment_name(segment.number);
    let reading = || failed(disk, "reading", &name);
    let mut batches = Batches::new(file, segment.salt, segment.size, READ_AT_ONCE);
    let (mut begins, mut end) = (0, segment.first);
    let mut read_again = None;
    loop {
        let offset = batches.offset();
        let broken_to = match batches.next(Position::ZERO).map_err(reading())? {
            Next::Batch(head) if head.first == end && head.count > 0 => {
                segment.index.note(Mark { first: end, offset });
                (begins, end) = (offset, head.end());
                continue;
            }
            Next::Batch(head) => {
                let expected = format!("a batch from position {end}, not one from {}", head.first);
                return Err(damaged(disk, &name, offset, expected));
            }
            Next::Broken { end: Some(end) } => end,
            Next::Broken { end: None } | Next::Unwritten => offset + FRAME_BYTES_MAX,
        };
        let behind = look_behind(batches.file(), offset, segment.salt).map_err(reading())?;
        // What follows can be the rest of one append that did not end. Anything else was acknowledged once.
        let expected = match behind {
            Behind { later_batch: Some(later), .. } => {
                format!("a whole batch from position {end}, as another one begins at byte {later}")
            }
            Behind { written_to: Some(to), .. } if to > broken_to => {
                format!("a batch from position {end}, as the file is written to byte {to}")
            }
            Behind { written_to: torn_to, .. } => {
                return Ok(LastBatch { file: batches.into_file(), begins, offset, end, torn_to });
            }
        };
        if read_again == Some(offset) {
            return Err(damaged(disk, &name, offset, expected));
        }
        read_again = Some(offset);
        batches.forget();
    }
}

/// Makes the end fit to be appended to: what counts as the end is durable, what lies behind it is zero.
///
/// The last batch may be one whose sync failed, read now from pages that the kernel has marked clean but
/// never stored; and zeros may be such pages too. Both are written again and synced before anything relies on
/// them. One batch is enough: a failed sync ended its log, so there are never two.
fn settle<D: Disk>(
    disk: &D,
    active: &Active<D::File>,
    begins: u64,
    torn_to: Option<u64>,
) -> Result<Option<Cut>, LogError> {
    let Active { file, name, offset, size, .. } = active;
    let mut again = vec![0; usize::try_from(offset - begins).unwrap_or_default()];
    read_full(file, &mut again, begins).map_err(failed(disk, "reading", name))?;
    write_full(file, &again, begins).map_err(failed(disk, "writing to", name))?;
    let zeros =
        vec![0; usize::try_from(size.saturating_sub(*offset).min(FRAME_BYTES_MAX)).unwrap_or_default()];
    write_full(file, &zeros, *offset).map_err(failed(disk, "writing to", name))?;
    file.sync().map_err(failed(disk, "syncing", name))?;
    let cut = |to: u64| Cut { file: disk.path().join(name), offset: *offset, octets: to - offset };
    Ok(torn_to.map(cut))
}

/// What there is in a file from some offset on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Behind {
    /// Where the last octet that is not zero ends.
    written_to: Option<u64>,
    /// Where the first octets that are a batch's head by their salted checksum begin.
    later_batch: Option<u64>,
}

/// Looks through a file from `start` to its end.
fn look_behind(file: &impl DiskFile, start: u64, salt: u32) -> io::Result<Behind> {
    let mut found = Behind::default();
    let mut window = vec![0; LOOK_AT_ONCE + BATCH_HEAD_LEN - 1];
    let mut offset = start;
    loop {
        let read = read_full(file, &mut window, offset)?;
        let here = window.get(..read).unwrap_or_default();
        // Most of what lies here is zeros; this one line keeps looking through them as fast as reading them.
        if here.iter().fold(0, |any, octet| any | octet) != 0 {
            let last = here.iter().rposition(|&octet| octet != 0);
            found.written_to = last.map(|last| offset + last as u64 + 1).or(found.written_to);
            if found.later_batch.is_none() {
                let heads = here.windows(BATCH_HEAD_LEN).enumerate();
                // The batch that begins at `start` itself is the broken one.
                let later =
                    heads.skip(usize::from(offset == start)).find(|(_, octets)| is_head(octets, salt));
                found.later_batch = later.map(|(at, _)| offset + at as u64);
            }
        }
        if read < window.len() {
            return Ok(found);
        }
        offset += LOOK_AT_ONCE as u64;
    }
}

/// Whether these octets are a batch's head.
fn is_head(octets: &[u8], salt: u32) -> bool {
    octets.first_chunk().is_some_and(|octets| BatchHead::decode(octets, salt).is_some())
}
