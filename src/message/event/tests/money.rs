//! Anything about money that an event can say.

use super::*;
use crate::base::money::Money;
use crate::message::{
    Balance, Bill, Charge, ChargeOn, Fact, FactId, FundId, Hold, Operation, Payment, Refundable, Says, Terms,
};

fn money() -> impl Strategy<Value = Money> {
    any::<i64>().prop_map(Money::from_micros)
}

fn hold() -> impl Strategy<Value = Hold> {
    let packages = any::<[(u16, u16); 3]>();
    (any::<[u64; 2]>(), packages, any::<[u16; 2]>()).prop_map(
        |([voucher, money], packages, [voucher_fund, money_fund])| Hold {
            voucher,
            money,
            packages,
            voucher_fund,
            money_fund,
        },
    )
}

pub(super) fn bill() -> impl Strategy<Value = Option<Box<Bill>>> {
    let numbers = (any::<u32>(), any::<u32>(), any::<u16>());
    let bill = (hold(), money(), numbers, 0..ChargeOn::ALL.len(), 0..Charge::ALL.len()).prop_map(
        |(hold, unit, (tariff, version, segments), charge_on, charge)| Bill {
            hold,
            unit,
            tariff,
            version,
            segments,
            charge_on: ChargeOn::ALL[charge_on],
            charge: Charge::ALL[charge],
        },
    );
    prop::option::of(bill.prop_map(Box::new))
}

fn terms() -> impl Strategy<Value = Terms> {
    let payment = prop_oneof![
        Just(Payment::Prepaid),
        money().prop_map(|credit_limit| Payment::Postpaid { credit_limit }),
        Just(Payment::Covered),
    ];
    (payment, prop::option::of(money()), any::<Option<u64>>())
        .prop_map(|(payment, low_money, low_segments)| Terms { payment, low_money, low_segments })
}

fn refundable() -> impl Strategy<Value = Refundable> {
    prop_oneof![Just(Refundable::Never), Just(Refundable::Always), at().prop_map(Refundable::Until)]
}

fn operation() -> impl Strategy<Value = Operation> {
    let fund = || any::<u16>().prop_map(FundId);
    prop_oneof![
        terms().prop_map(Operation::Terms),
        (money(), maybe_at(), refundable()).prop_map(|(amount, expires, refundable)| Operation::TopUp {
            amount,
            expires,
            refundable
        }),
        (money(), maybe_at()).prop_map(|(amount, expires)| Operation::Voucher { amount, expires }),
        (any::<u64>(), money(), maybe_at(), refundable()).prop_map(
            |(segments, paid, expires, refundable)| Operation::Package {
                segments,
                paid,
                expires,
                refundable
            }
        ),
        fund().prop_map(|fund| Operation::RefundPackage { fund }),
        (fund(), money()).prop_map(|(fund, amount)| Operation::Withdraw { fund, amount }),
        (any::<u32>(), money()).prop_map(|(month, amount)| Operation::Rebate { month, amount }),
        money().prop_map(|amount| Operation::Collect { amount }),
        Just(Operation::Close),
    ]
}

fn balance() -> impl Strategy<Value = Balance> {
    (money(), any::<u64>()).prop_map(|(money, segments)| Balance { money, segments })
}

fn fact() -> impl Strategy<Value = Event> {
    let texts = (bytes(255), bytes(255), bytes(255));
    (any::<u32>(), at(), texts, any::<u32>(), operation(), balance(), balance()).prop_map(
        |(id, told_at, (by, through, why), account, operation, before, after)| {
            let says = Says::Money { account: AccountId(account), operation, before, after };
            Event::Fact(Box::new(Fact { id: FactId(id), told_at, by, through, why, says }))
        },
    )
}

fn month() -> impl Strategy<Value = Event> {
    (any::<[u32; 2]>(), at(), any::<u64>(), any::<[i64; 4]>()).prop_map(
        |([account, month], at, segments, amounts)| {
            let [accrued, amount, cash, voucher] = amounts.map(Money::from_micros);
            let account = AccountId(account);
            Event::MonthSettled { account, month, at, segments, accrued, amount, cash, voucher }
        },
    )
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        fact(),
        month(),
        (any::<u32>(), at(), terms()).prop_map(|(account, at, terms)| Event::Terms {
            account: AccountId(account),
            at,
            terms
        }),
        (id(), at(), bill()).prop_map(|(message, at, bill)| Event::Replaced { message, at, bill }),
    ]
}
