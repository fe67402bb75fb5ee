// node smpp as a carrier: a small SMSC that is difficult in the ways that real ones are. It refuses its 5th
// submission once with ESME_RTHROTTLED, sends every 3rd receipt before the submit_sm_resp it belongs to, answers
// out of order, and in the mode `hex` answers with ids in hex and writes them in decimal into its receipts.
// On SIGTERM it writes what it got to a file and judges: one line when all is well, or what is not.
'use strict';
const fs = require('fs');
const smpp = require('smpp');

const [port, systemId, password, mode, receivedFile] = process.argv.slice(2);
smpp.commands.submit_sm.params.short_message.filter = undefined; // the bytes as they came

const received = [];
const binds = new Set();
const faults = [];
let requests = 0;
let early = 0;
let receipted = 0;
let confirmed = 0;
let receiver; // the session that takes receipts
let nextId = 0xabc000;

function bind(session, pdu) {
  const right = pdu.system_id === systemId && pdu.password === password;
  session.send(pdu.response(right ? { system_id: 'node' } : { command_status: smpp.ESME_RBINDFAIL }));
  if (!right) return faults.push(`a bind as ${pdu.system_id} with a wrong password`);
  binds.add(pdu.command);
  if (pdu.command !== 'bind_transmitter') receiver = session;
}

function sendReceipt(pdu, id) {
  receipted += 1;
  const written = mode === 'hex' ? String(id) : id.toString(16);
  receiver.deliver_sm({
    source_addr_ton: pdu.dest_addr_ton, source_addr_npi: pdu.dest_addr_npi, source_addr: pdu.destination_addr,
    dest_addr_ton: pdu.source_addr_ton, dest_addr_npi: pdu.source_addr_npi, destination_addr: pdu.source_addr,
    esm_class: 4, data_coding: 0,
    short_message: `id:${written} sub:001 dlvrd:001 submit date:2601020304 done date:2601020305 `
      + 'stat:DELIVRD err:000 text:',
  }, (answer) => {
    if (answer.command_status !== 0) faults.push(`a receipt answered with ${answer.command_status}`);
    confirmed += 1;
  });
}

function submit(session, pdu) {
  requests += 1;
  if (requests === 5) return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
  const text = Buffer.from(pdu.short_message);
  received.push(`${pdu.destination_addr} ${pdu.data_coding} ${pdu.esm_class} ${text.toString('hex')}\n`);
  const id = nextId++;
  const answer = () => session.send(pdu.response({ message_id: id.toString(16) }));
  if (requests % 3 === 0) {
    early += 1;
    sendReceipt(pdu, id);
    setTimeout(answer, 30);
  } else {
    setTimeout(answer, requests % 4 * 5);
    setTimeout(sendReceipt, 40, pdu, id);
  }
}

const server = smpp.createServer((session) => {
  for (const kind of ['transceiver', 'transmitter', 'receiver']) {
    session.on(`bind_${kind}`, (pdu) => bind(session, pdu));
  }
  session.on('submit_sm', (pdu) => submit(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('error', (error) => faults.push(`connection: ${error.message}`));
});
server.listen(Number(port), '127.0.0.1');

process.on('SIGTERM', () => {
  fs.writeFileSync(receivedFile, received.sort().join(''));
  if (requests < 5) faults.push('too few submissions to throttle one');
  if (confirmed !== receipted) faults.push(`${receipted - confirmed} receipts were not answered`);
  const summary = `${[...binds].sort().join(' and ')}, ${requests} submit_sm, 1 throttled, `
    + `${receipted} receipts, ${early} of them before their response`;
  if (faults.length) console.error(`${faults.slice(0, 3).join('; ')}: ${summary}`);
  else console.log(summary);
  process.exit(faults.length ? 1 : 0);
});
