// node smpp as a customer: wrong binds refused; a transmitter and a receiver bound with the library's default
// interface_version 0x50; a window of 50 kept full; submit_multi, query_sm and enquire_link answered; every
// receipt matched; the same again on a transceiver. Prints one line when all is well, or says what is not.
'use strict';
const smpp = require('smpp');

const [port, systemId, password, count] = process.argv.slice(2);
const WINDOW = 50;
const TRY_AGAIN = [smpp.ESME_RTHROTTLED, smpp.ESME_RMSGQFUL]; // a well-behaved client waits and sends again
const STEP_LIMIT = 40_000;

const accepted = new Set();
const receipts = new Map();
const faults = [];
let submitted = 0;
let retried = 0;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function fail(why) {
  console.error(`${why}: ${summary()}`);
  process.exit(1);
}

function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`no ${what} in time`)), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Sends a request and waits for whatever answers it. */
function ask(session, command, fields = {}) {
  return within(10_000, `answer to ${command}`, new Promise((done) => session[command](fields, done)));
}

function open() {
  return new Promise((done) => {
    const session = smpp.connect({ host: '127.0.0.1', port: Number(port) }, () => done(session));
    session.on('error', (error) => fail(`connection: ${error.message}`));
    session.on('deliver_sm', (pdu) => {
      receipt(pdu);
      session.send(pdu.response());
    });
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
  });
}

async function bind(kind, id = systemId, secret = password) {
  const session = await open();
  const answer = await ask(session, `bind_${kind}`, { system_id: id, password: secret });
  return { session, status: answer.command_status };
}

async function bound(kind) {
  const { session, status } = await bind(kind);
  if (status !== 0) fail(`bind_${kind} answered with ${status}`);
  return session;
}

function receipt(pdu) {
  const text = String(pdu.short_message.message);
  const found = /id:(\S+) [^]*stat:(\S+)/.exec(text);
  if ((pdu.esm_class & 0x3c) !== 4 || !found) return faults.push(`not a receipt: ${pdu.esm_class} ${text}`);
  const [, id, stat] = found;
  if (pdu.receipted_message_id !== undefined && pdu.receipted_message_id !== id) {
    faults.push(`receipt says id ${id} in its text and ${pdu.receipted_message_id} in its TLV`);
  }
  if (stat !== 'DELIVRD') faults.push(`receipt ${id} has stat ${stat}`);
  receipts.set(id, (receipts.get(id) || 0) + 1);
}

/** The messages, as fields of submit_sm: short, UCS-2, and long in UDH parts. */
function* messages(howMany) {
  for (let number = 0; number < howMany; number += 1) {
    const base = {
      source_addr_ton: 5, source_addr: 'peers', dest_addr_ton: 1, dest_addr_npi: 1,
      destination_addr: `8614${String(number).padStart(7, '0')}`, registered_delivery: 1,
    };
    if (number % 25 === 24) {
      for (const part of [1, 2, 3]) {
        const udh = Buffer.from([5, 0, 3, number & 0xff, 3, part]);
        yield { ...base, short_message: { udh, message: `${part} of 3, ${'word '.repeat(25)}` } };
      }
    } else {
      const text = number % 10 === 9 ? `${number}: Привет, 世界` : `message ${number} @ home`;
      yield { ...base, short_message: text };
    }
  }
}

async function submit(session, fields) {
  submitted += 1;
  for (;;) {
    const answer = await ask(session, 'submit_sm', fields);
    if (!TRY_AGAIN.includes(answer.command_status)) {
      if (answer.command_status !== 0) faults.push(`submit_sm answered with ${answer.command_status}`);
      else accepted.add(answer.message_id);
      return;
    }
    retried += 1;
    await pause(50);
  }
}

/** Keeps `WINDOW` submissions in flight until all are answered, then waits until each has its receipt. */
async function run(session, howMany) {
  const waiting = messages(howMany);
  const lane = async () => {
    for (const fields of waiting) await submit(session, fields);
  };
  await within(STEP_LIMIT, 'last submit_sm_resp', Promise.all(Array.from({ length: WINDOW }, lane)));
  const all = async () => {
    while ([...accepted].some((id) => !receipts.has(id)) && faults.length === 0) await pause(20);
  };
  await within(STEP_LIMIT, 'last receipt', all());
}

async function unbind(session) {
  const answer = await ask(session, 'unbind');
  if (answer.command !== 'unbind_resp') faults.push(`unbind answered with ${answer.command}`);
  session.close();
}

function summary() {
  const again = retried ? ` (${retried} sent again)` : '';
  return `${submitted} submitted${again}, ${accepted.size} accepted, ${receipts.size} receipts`;
}

async function main() {
  for (const [id, secret, wanted] of [[systemId, 'wrong', 0x0e], ['nobody', password, 0x0f]]) {
    const { session, status } = await bind('transceiver', id, secret);
    if (status !== wanted) fail(`a wrong bind got ${status}, not ${wanted}`);
    session.close();
  }

  const transmitter = await bound('transmitter');
  const receiver = await bound('receiver');
  await run(transmitter, Number(count));

  // A request that we may not serve still gets an answer: its own or generic_nack, not silence.
  await ask(transmitter, 'query_sm', { message_id: [...accepted][0], source_addr_ton: 5, source_addr: 'peers' });
  await ask(transmitter, 'submit_multi', {
    source_addr_ton: 5, source_addr: 'peers', short_message: 'to two',
    dest_address: ['86140000001', '86140000002'].map((number) => (
      { dest_flag: 1, dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: number })),
  });
  const alive = await ask(transmitter, 'enquire_link');
  if (alive.command !== 'enquire_link_resp') faults.push(`enquire_link answered with ${alive.command}`);
  await unbind(transmitter);
  await unbind(receiver);

  const transceiver = await bound('transceiver');
  await run(transceiver, 50);
  await pause(500); // a receipt too many would come now
  await unbind(transceiver);

  for (const [id, times] of receipts) {
    if (!accepted.has(id)) faults.push(`a receipt for ${id}, which nobody was told`);
    if (times > 1) faults.push(`${times} receipts for ${id}`);
  }
  if (accepted.size !== submitted) faults.push('not every submit_sm has an id of its own');
  if (faults.length) fail(faults.slice(0, 3).join('; '));
  console.log(`${summary()}, window ${WINDOW}`);
  process.exit(0);
}

main().catch((error) => fail(error.message));
