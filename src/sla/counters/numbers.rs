//! Counts as a snapshot has them: integers in groups.

/// Stands before groups that say how long they are. In the first snapshots, whose groups do not, the first number is
/// a count, which does not come that far.
const GROUPED: u64 = u64::MAX;

/// The lengths of the first two groups in the first snapshots; the rest was the third.
const FIRST_GROUPS: (usize, usize) = (8, 5);

pub(super) fn grouped(groups: [&[u64]; 4]) -> Vec<u64> {
    let mut numbers = vec![GROUPED];
    for group in groups {
        numbers.push(group.len() as u64);
        numbers.extend(group);
    }
    numbers
}

pub(super) fn groups(numbers: &[u64]) -> [&[u64]; 4] {
    let Some((_, mut rest)) = numbers.split_first().filter(|(first, _)| **first == GROUPED) else {
        let (single, rest) = numbers.split_at_checked(FIRST_GROUPS.0).unwrap_or((numbers, &[]));
        let (ended, rest) = rest.split_at_checked(FIRST_GROUPS.1).unwrap_or((rest, &[]));
        return [single, ended, rest, &[]];
    };
    std::array::from_fn(|_| {
        let Some((len, behind)) = rest.split_first() else { return &[][..] };
        let len = usize::try_from(*len).unwrap_or(usize::MAX).min(behind.len());
        let (group, behind) = behind.split_at(len);
        rest = behind;
        group
    })
}

/// The first `N` numbers; zero where there are fewer.
pub(super) fn first<const N: usize>(numbers: &[u64]) -> [u64; N] {
    std::array::from_fn(|place| numbers.get(place).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_back_and_those_that_are_not_there_are_empty() {
        let numbers = grouped([&[1, 2], &[], &[3], &[4, 5, 6]]);
        assert_eq!(groups(&numbers), [&[1, 2][..], &[], &[3], &[4, 5, 6]]);
        assert_eq!(groups(&[GROUPED, 2, 7, 8]), [&[7, 8][..], &[], &[], &[]]);
        assert_eq!(groups(&[GROUPED, 9, 7]), [&[7][..], &[], &[], &[]], "cut short");
        assert_eq!(first::<3>(&[7]), [7, 0, 0]);
    }

    #[test]
    fn the_first_snapshots_have_groups_of_known_length() {
        let numbers: Vec<u64> = (0..16).collect();
        assert_eq!(groups(&numbers), [&numbers[..8], &numbers[8..13], &numbers[13..], &[]]);
        assert_eq!(groups(&[1, 2]), [&[1, 2][..], &[], &[], &[]]);
    }
}
