//! Charts as SVG in the page itself: lines for the rate, bars for the classes. They are read without colour: lines
//! differ by dashes, bars by patterns, and every number stands in a table beside them. Integers only.

use std::fmt::Write;

use crate::app::report::Document;
use crate::app::report::document::Group;
use crate::cli::report::html::escaped;
use crate::message::Class;

/// The chart's size, in its own units.
const WIDTH: u64 = 720;
const HEIGHT: u64 = 220;
/// Room for the axes.
const LEFT: u64 = 56;
const BOTTOM: u64 = 28;
const TOP: u64 = 10;
/// Days between two of which the day's name is written: 31 names have no room.
const NAMES_MAX: usize = 8;

/// How the bars of the classes are filled, in the order of [`Class::ALL`]; patterns for those that fail.
const FILLS: [&str; 5] = ["#d9d9d9", "#1a1a1a", "url(#dots)", "url(#stripes)", "#ffffff"];

/// The patterns: in one chart only, for a name stands once in a page. The legend's are these too.
const PATTERNS: &str = concat!(
    r##"<defs><pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse">"##,
    r##"<rect width="6" height="6" fill="#fff"/><path d="M0 6L6 0" stroke="#000" stroke-width="1.5"/></pattern>"##,
    r##"<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">"##,
    r##"<rect width="6" height="6" fill="#fff"/><circle cx="3" cy="3" r="1.5" fill="#000"/></pattern></defs>"##
);

/// Where the middle of a day is, and how wide a day is.
fn place(day: usize, days: usize) -> (u64, u64) {
    let step = (WIDTH - LEFT) / (days.max(1) as u64);
    (LEFT + step * day as u64 + step / 2, step)
}

/// How high a part of the whole stands, from the top.
fn height(part: u64, whole: u64) -> u64 {
    let room = u128::from(HEIGHT - TOP - BOTTOM);
    let up = (u128::from(part.min(whole)) * room).checked_div(u128::from(whole)).unwrap_or(0);
    HEIGHT - BOTTOM - u64::try_from(up).unwrap_or(0)
}

fn begin(out: &mut String, title: &str) {
    let _always = write!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">\
         <title>{title}</title>\
         <path d=\"M{LEFT} {TOP}V{0}H{WIDTH}\" fill=\"none\" stroke=\"#000\"/>",
        HEIGHT - BOTTOM
    );
}

fn names(out: &mut String, days: &[Group]) {
    let every = days.len().div_ceil(NAMES_MAX).max(1);
    for (index, day) in days.iter().enumerate().step_by(every) {
        let (x, _) = place(index, days.len());
        let name = day.name.get(5..).unwrap_or(&day.name);
        let _always = write!(
            out,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - 8,
            escaped(name)
        );
    }
}

fn label(out: &mut String, y: u64, text: &str) {
    let _always =
        write!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", LEFT - 6, y + 4, escaped(text));
}

/// The rate of each day, as the contract counts it, against the target.
pub(super) fn rate(document: &Document) -> String {
    let mut out = String::new();
    let days = &document.by_day;
    let judged = document.standing.judged_by.as_deref().unwrap_or("strict");
    let target = document.standing.target.as_deref().and_then(points_of);
    let rates: Vec<_> = days
        .iter()
        .map(|day| day.counts.success.get(judged).and_then(|success| success.basis_points))
        .collect();
    // From the lowest that is shown, so that differences near the target can be seen.
    let lowest = rates.iter().flatten().copied().chain(target).min().unwrap_or(0).saturating_sub(100);
    let y = |points: u64| height(points.saturating_sub(lowest), 10_000 - lowest.min(9_999));
    begin(&mut out, "Success rate by day, and the target");
    label(&mut out, y(10_000), "100 %");
    label(&mut out, y(lowest), &format!("{} %", lowest / 100));
    if let Some(target) = target {
        let at = y(target);
        let _always = write!(
            out,
            "<path d=\"M{LEFT} {at}H{WIDTH}\" stroke=\"#000\" stroke-dasharray=\"6 4\"/>\
             <text x=\"{}\" y=\"{}\">target</text>",
            LEFT + 4,
            at.saturating_sub(4).max(TOP + 8)
        );
    }
    let mut path = String::new();
    let mut drawn = false;
    for (index, rate) in rates.iter().enumerate() {
        let Some(points) = rate else {
            drawn = false;
            continue;
        };
        let ((x, _), at) = (place(index, days.len()), y(*points));
        let _always = write!(path, "{}{x} {at}", if drawn { "L" } else { "M" });
        let _always = write!(out, "<circle cx=\"{x}\" cy=\"{at}\" r=\"3\"/>");
        drawn = true;
    }
    let _always = write!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"#000\" stroke-width=\"2\"/>");
    names(&mut out, days);
    out.push_str("</svg>");
    out
}

/// `99.8%` in hundredths of a percent.
fn points_of(share: &str) -> Option<u64> {
    crate::sla::terms::Share::read(share).map(|share| u64::from(share.millionths()) / 100)
}

/// How the messages of each day ended, one class upon the other.
pub(super) fn classes(document: &Document) -> String {
    let mut out = String::new();
    let days = &document.by_day;
    let most = days.iter().map(|day| day.counts.ended).max().unwrap_or(0);
    begin(&mut out, "Messages by day and class");
    out.push_str(PATTERNS);
    label(&mut out, height(most, most.max(1)), &most.to_string());
    label(&mut out, HEIGHT - BOTTOM, "0");
    for (index, day) in days.iter().enumerate() {
        let (x, step) = place(index, days.len());
        let (wide, mut below) = ((step * 3 / 4).max(1), 0);
        for (class, fill) in Class::ALL.iter().zip(FILLS) {
            let count = day.counts.by_class.get(class.name()).copied().unwrap_or(0);
            let (bottom, top) = (height(below, most), height(below + count, most));
            below += count;
            if bottom > top {
                let _always = write!(
                    out,
                    "<rect x=\"{}\" y=\"{top}\" width=\"{wide}\" height=\"{}\" fill=\"{fill}\" stroke=\"#000\" \
                     stroke-width=\"0.5\"/>",
                    x.saturating_sub(wide / 2),
                    bottom - top
                );
            }
        }
    }
    names(&mut out, days);
    out.push_str("</svg>");
    out
}

/// What the fills mean.
pub(super) fn legend() -> String {
    let mut out = String::from("<p class=\"legend\">");
    for (class, fill) in Class::ALL.iter().zip(FILLS) {
        let _always = write!(
            out,
            "<span><svg viewBox=\"0 0 12 12\" class=\"key\"><rect width=\"12\" height=\"12\" fill=\"{fill}\" \
             stroke=\"#000\"/></svg> {}</span> ",
            class.name()
        );
    }
    out.push_str("</p>");
    out
}
