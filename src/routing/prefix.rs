//! A trie over decimal digits: as fast with a hundred thousand prefixes as with ten.

/// Values by prefixes of digits; the longest prefix wins.
#[derive(Clone, Debug)]
pub(super) struct PrefixTrie<V> {
    nodes: Vec<Node<V>>,
}

#[derive(Clone, Debug)]
struct Node<V> {
    /// Where each digit leads: the index of a node, or 0, which is the root and never anybody's child.
    children: [u32; 10],
    value: Option<V>,
}

impl<V> Default for Node<V> {
    fn default() -> Self {
        Self { children: [0; 10], value: None }
    }
}

impl<V> Default for PrefixTrie<V> {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl<V: Copy> PrefixTrie<V> {
    /// Sets the value of a prefix. A prefix with anything but digits leads nowhere and is left out; settings are
    /// checked before they come here.
    pub(super) fn insert(&mut self, prefix: &[u8], value: V) {
        let mut at = 0;
        for octet in prefix {
            let Some(digit) = digit(*octet) else { return };
            let next = u32::try_from(self.nodes.len()).unwrap_or(0);
            let Some(child) = self.nodes.get_mut(at).and_then(|node| node.children.get_mut(digit)) else {
                return;
            };
            if *child == 0 {
                *child = next;
                at = next as usize;
                self.nodes.push(Node::default());
            } else {
                at = *child as usize;
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.value = Some(value);
        }
    }

    /// The value of the longest prefix of `number`.
    pub(super) fn longest(&self, number: &[u8]) -> Option<V> {
        self.longest_with_len(number).map(|(_, value)| value)
    }

    /// The longest prefix of `number`: how many digits it has, and its value.
    pub(super) fn longest_with_len(&self, number: &[u8]) -> Option<(usize, V)> {
        let mut node = self.nodes.first()?;
        let mut best = node.value.map(|value| (0, value));
        for (octet, len) in number.iter().zip(1..) {
            let Some(child) = digit(*octet).and_then(|digit| node.children.get(digit)) else { break };
            if *child == 0 {
                break;
            }
            node = self.nodes.get(*child as usize)?;
            best = node.value.map(|value| (len, value)).or(best);
        }
        best
    }
}

fn digit(octet: u8) -> Option<usize> {
    octet.is_ascii_digit().then(|| usize::from(octet - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_trying_every_prefix(
            routes in prop::collection::vec("[0-9]{0,6}", 0..60),
            number in "[0-9]{0,12}",
        ) {
            let mut trie = PrefixTrie::default();
            for (value, prefix) in routes.iter().enumerate() {
                trie.insert(prefix.as_bytes(), value);
            }
            let fits = |at: usize| routes.iter().rposition(|prefix| prefix.as_bytes() == &number.as_bytes()[..at]);
            let expected = (0..=number.len()).rev().find_map(fits);
            prop_assert_eq!(trie.longest(number.as_bytes()), expected);
        }
    }
}
