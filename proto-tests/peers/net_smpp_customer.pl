# Debian's Net::SMPP as a customer: binds, submits, receives each receipt, unbinds.
# Prints one line when all is well, or says what is not.
use strict;
use warnings;
use Net::SMPP;

my ($port, $system_id, $password, $count) = @ARGV;

my ($session, $bound) = Net::SMPP->new_transceiver('127.0.0.1', port => $port, system_id => $system_id,
    password => $password, async => 0) or die "no connection: $!\n";
die 'bind answered with ' . ($bound ? $bound->explain_status : 'nothing') . "\n" if !$bound || $bound->status;

my (%accepted, %receipts, %in_flight);
my $summary = sub { "$count submitted, " . keys(%accepted) . ' accepted, ' . keys(%receipts) . ' receipts' };
$SIG{TERM} = sub { die 'not done in time: ' . $summary->() . "\n" };

# Reads one PDU and does what it asks for; returns the answer to our own request, if it was one.
sub read_one {
    my $pdu = $session->read_pdu or die "connection lost\n";
    if ($pdu->cmd == Net::SMPP::CMD_deliver_sm) {
        my ($id, $stat) = $pdu->{short_message} =~ /id:(\S+) .*stat:(\S+)/s
            or die "no receipt: $pdu->{short_message}\n";
        die "receipt $id: esm_class $pdu->{esm_class}, stat $stat\n" if $pdu->{esm_class} != 4 || $stat ne 'DELIVRD';
        $receipts{$id}++;
        $session->deliver_sm_resp(seq => $pdu->seq, message_id => '');
    } elsif ($pdu->cmd == Net::SMPP::CMD_enquire_link) {
        $session->enquire_link_resp(seq => $pdu->seq);
    } elsif ($pdu->cmd == Net::SMPP::CMD_submit_sm_resp) {
        delete $in_flight{$pdu->seq} or die "an answer to nothing\n";
        die 'submit_sm answered with ' . $pdu->explain_status . "\n" if $pdu->status;
        $accepted{$pdu->message_id}++;
    }
    return $pdu;
}

for my $number (1 .. $count) {
    read_one while keys %in_flight >= 10;
    my $seq = $session->submit_sm(async => 1, source_addr_ton => 5, source_addr => 'peers', dest_addr_ton => 1,
        dest_addr_npi => 1, destination_addr => sprintf('8615%07d', $number), registered_delivery => 1,
        data_coding => 0, short_message => "message $number");
    $in_flight{$seq} = 1;
}
read_one while %in_flight || keys %receipts < keys %accepted;

my $unbind = $session->unbind(async => 1);
1 until read_one->cmd == Net::SMPP::CMD_unbind_resp;

my @foreign = grep { !$accepted{$_} } keys %receipts;
my @twice = grep { $receipts{$_} > 1 } keys %receipts;
die $summary->() . "; " . @foreign . ' receipts foreign, ' . @twice . " twice\n"
    if keys %accepted != $count || @foreign || @twice;
print $summary->() . "\n";
