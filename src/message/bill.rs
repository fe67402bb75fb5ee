//! What does one message cost, and what is held for it? The words of the log; `rating` knows what is done with them.

use std::fmt;

use crate::base::money::Money;

/// The number of a fund in its wallet, from 1; never given twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FundId(pub u16);

impl fmt::Debug for FundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "f{}", self.0)
    }
}

/// How many packages a hold names. See [`super`] on crumbs.
pub const PACKAGES: usize = 3;

/// What is held for one message, and of which funds. Millions of messages carry one, so it is small and owns nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Hold {
    /// Micro-units of vouchers.
    pub voucher: u64,
    /// Micro-units of cash, or on credit.
    pub money: u64,
    /// Packages and how many segments of each; 0 for none.
    pub packages: [(u16, u16); PACKAGES],
    /// The fund of the vouchers' part.
    pub voucher_fund: u16,
    /// The fund of the money; 0 on credit.
    pub money_fund: u16,
}

const _: () = assert!(size_of::<Hold>() <= 32, "every message carries one");

impl Hold {
    /// Nothing: of a message that costs nothing.
    pub const NONE: Self =
        Self { voucher: 0, money: 0, packages: [(0, 0); PACKAGES], voucher_fund: 0, money_fund: 0 };

    /// Whether nothing is held.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// The money in it: of vouchers and cash, or on credit.
    #[must_use]
    pub fn money(&self) -> Money {
        money(self.voucher.saturating_add(self.money))
    }

    /// The segments of packages in it.
    #[must_use]
    pub fn segments(&self) -> u64 {
        self.packages.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// Its numbers, for the log.
    #[must_use]
    pub fn to_numbers(&self) -> [u64; 10] {
        let [a, b, c] = self.packages.map(|(fund, count)| (u64::from(fund), u64::from(count)));
        let (voucher_fund, money_fund) = (self.voucher_fund.into(), self.money_fund.into());
        [self.voucher, voucher_fund, self.money, money_fund, a.0, a.1, b.0, b.1, c.0, c.1]
    }

    /// What [`Hold::to_numbers`] gave; `None` for what no hold can be.
    #[must_use]
    pub fn from_numbers(numbers: [u64; 10]) -> Option<Self> {
        let [voucher, voucher_fund, money, money_fund, packages @ ..] = numbers;
        let mut hold = Self { voucher, money, ..Self::NONE };
        hold.voucher_fund = voucher_fund.try_into().ok()?;
        hold.money_fund = money_fund.try_into().ok()?;
        for (package, pair) in hold.packages.iter_mut().zip(packages.as_chunks::<2>().0) {
            *package = (u16::try_from(pair[0]).ok()?, u16::try_from(pair[1]).ok()?);
        }
        Some(hold)
    }

    /// Each fund that something is held of.
    pub fn pieces(&self) -> impl Iterator<Item = (FundId, u64)> {
        let packages = self.packages.map(|(fund, count)| (fund, u64::from(count)));
        let money = [(self.voucher_fund, self.voucher), (self.money_fund, self.money)];
        let pieces = money.into_iter().chain(packages).filter(|(fund, amount)| *fund != 0 && *amount > 0);
        pieces.map(|(fund, amount)| (FundId(fund), amount))
    }

    /// What is held on credit.
    #[must_use]
    pub fn credit(&self) -> Money {
        if self.money_fund == 0 { money(self.money) } else { Money::ZERO }
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold")
            .field("credit", &self.credit())
            .field("funds", &self.pieces().collect::<Vec<_>>())
            .finish()
    }
}

/// What a message is charged for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChargeOn {
    /// Its acceptance, whatever becomes of it: "by what was submitted" (R40).
    Accept,
    /// The carrier's taking it: "successfully submitted" (R39).
    CarrierOk,
    /// Its delivery.
    Delivery,
}

impl ChargeOn {
    /// Every rule, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Accept, Self::CarrierOk, Self::Delivery];

    /// The rule in one lower-case word, for settings and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::CarrierOk => "carrier_ok",
            Self::Delivery => "delivery",
        }
    }
}

/// What has been done with a message's money; kept with the message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Charge {
    /// Nothing: not accepted yet, or accepted before prices were kept.
    #[default]
    None,
    /// It is held.
    Held,
    /// It is spent, for good.
    Settled,
    /// It was given back, for good.
    Released,
}

impl Charge {
    /// Every state; its place is its number in the log.
    pub const ALL: [Self; 4] = [Self::None, Self::Held, Self::Settled, Self::Released];
}

/// What a message costs, as it was decided when it was accepted, and what has become of it since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bill {
    /// What is held, or was.
    pub hold: Hold,
    /// What a segment costs.
    pub unit: Money,
    /// The tariff that says so, as its tag.
    pub tariff: u32,
    /// The number of its version.
    pub version: u32,
    /// Billable segments: of a part, what it adds to those before it.
    pub segments: u16,
    /// What the message is charged for.
    pub charge_on: ChargeOn,
    /// What has been done with what was held.
    pub charge: Charge,
}

const _: () = assert!(size_of::<Bill>() <= 56, "every message with a price has one");

/// What a message came to, once it is over; a long message all of its parts together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Billed {
    /// What a segment costs.
    pub unit: Money,
    /// The tariff that says so, as its tag; 0 for a message that is free.
    pub tariff: u32,
    /// The number of its version.
    pub version: u32,
    /// Billable segments.
    pub segments: u32,
    /// Those of them that were charged.
    pub charged: u32,
    /// Of what was charged: what vouchers paid.
    pub voucher: Money,
    /// What cash paid.
    pub cash: Money,
    /// What is owed.
    pub credit: Money,
    /// How many segments packages paid.
    pub package_segments: u32,
}

impl Billed {
    /// What costs nothing.
    pub const FREE: Self = Self {
        unit: Money::ZERO,
        tariff: 0,
        version: 0,
        segments: 0,
        charged: 0,
        voucher: Money::ZERO,
        cash: Money::ZERO,
        credit: Money::ZERO,
        package_segments: 0,
    };

    /// Another part of the same message.
    #[must_use]
    pub fn plus(self, bill: &Bill) -> Self {
        let Bill { hold, unit, tariff, version, segments, charge, .. } = *bill;
        let segments = u32::from(segments);
        let all = Self { unit, tariff, version, segments: self.segments.saturating_add(segments), ..self };
        if charge != Charge::Settled {
            return all;
        }
        let credit = hold.credit();
        let cash = money(hold.money).saturating_sub(credit);
        let of_packages = u32::try_from(hold.segments()).unwrap_or(u32::MAX);
        Self {
            charged: self.charged.saturating_add(segments),
            voucher: self.voucher.saturating_add(money(hold.voucher)),
            cash: self.cash.saturating_add(cash),
            credit: self.credit.saturating_add(credit),
            package_segments: self.package_segments.saturating_add(of_packages),
            ..all
        }
    }
}

/// Micro-units as money; the most there is for more.
const fn money(micros: u64) -> Money {
    Money::from_micros(if micros > i64::MAX.cast_unsigned() { i64::MAX } else { micros.cast_signed() })
}
