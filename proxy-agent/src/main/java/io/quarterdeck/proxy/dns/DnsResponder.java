package io.quarterdeck.proxy.dns;

import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** From a question's bytes to an answer's: the zone first, upstream name servers for the rest. Thread-safe. */
final class DnsResponder {

    enum Transport {
        UDP,
        TCP
    }

    private static final Logger log = LoggerFactory.getLogger(DnsResponder.class);
    private static final int PLAIN_UDP_SIZE = 512;
    private static final int LARGEST_UDP_ANSWER = 1232;
    private static final int CNAME_CHAIN = 8;

    private final ClusterZone zone;
    private final Upstream upstream;

    DnsResponder(ClusterZone zone, Upstream upstream) {
        this.zone = zone;
        this.upstream = upstream;
    }

    /** Empty when there is nothing to answer to. */
    byte[] answer(byte[] bytes, Transport transport) {
        Message question;
        try {
            question = new Message(bytes);
        } catch (IOException unreadable) {
            return malformed(bytes);
        }
        if (question.getHeader().getFlag(Flags.QR)) {
            return new byte[0];
        }
        Message answer = answer(question);
        OPTRecord options = question.getOPT();
        int size = transport == Transport.TCP
                ? Message.MAXLENGTH
                : options == null
                        ? PLAIN_UDP_SIZE
                        : Math.clamp(options.getPayloadSize(), PLAIN_UDP_SIZE, LARGEST_UDP_ANSWER);
        return answer.toWire(size);
    }

    private Message answer(Message question) {
        Record asked = question.getQuestion();
        if (asked == null || question.getHeader().getOpcode() != Opcode.QUERY) {
            return failure(question, asked == null ? Rcode.FORMERR : Rcode.NOTIMP);
        }
        Optional<DnsAnswer> own = zone.answer(asked.getName(), asked.getType());
        if (own.isEmpty()) {
            return forward(question);
        }
        Message answer = reply(question, own.get().code());
        answer.getHeader().setFlag(Flags.AA);
        own.get().answers().forEach(record -> answer.addRecord(record, Section.ANSWER));
        own.get().additional().forEach(record -> answer.addRecord(record, Section.ADDITIONAL));
        followAliases(answer, asked.getType());
        if (own.get().answers().isEmpty()) {
            answer.addRecord(zone.authority(), Section.AUTHORITY);
        }
        return answer;
    }

    /** A client that asks for an address wants one, whatever stands between. */
    private void followAliases(Message answer, int type) {
        if (type == Type.CNAME) {
            return;
        }
        for (int i = 0; i < CNAME_CHAIN; i++) {
            var records = answer.getSection(Section.ANSWER);
            if (records.isEmpty() || !(records.getLast() instanceof CNAMERecord alias)) {
                return;
            }
            Name target = alias.getTarget();
            Optional<DnsAnswer> own = zone.answer(target, type);
            if (own.isPresent()) {
                own.get().answers().forEach(record -> answer.addRecord(record, Section.ANSWER));
                continue;
            }
            upstream.ask(Message.newQuery(Record.newRecord(target, type, org.xbill.DNS.DClass.IN)))
                    .ifPresent(reply -> reply.getSection(Section.ANSWER)
                            .forEach(record -> answer.addRecord(record, Section.ANSWER)));
            return;
        }
    }

    private Message forward(Message question) {
        Optional<Message> answer = upstream.ask(question);
        if (answer.isEmpty()) {
            return failure(question, Rcode.SERVFAIL);
        }
        Message reply = answer.get();
        reply.getHeader().setID(question.getHeader().getID());
        return reply;
    }

    private static Message reply(Message question, int code) {
        Message reply = new Message(question.getHeader().getID());
        Header header = reply.getHeader();
        header.setFlag(Flags.QR);
        header.setFlag(Flags.RA);
        if (question.getHeader().getFlag(Flags.RD)) {
            header.setFlag(Flags.RD);
        }
        header.setRcode(code);
        if (question.getQuestion() != null) {
            reply.addRecord(question.getQuestion(), Section.QUESTION);
        }
        if (question.getOPT() != null) {
            reply.addRecord(new OPTRecord(LARGEST_UDP_ANSWER, 0, 0), Section.ADDITIONAL);
        }
        return reply;
    }

    private static Message failure(Message question, int code) {
        return reply(question, code);
    }

    private static byte[] malformed(byte[] bytes) {
        if (bytes.length < Header.LENGTH) {
            return new byte[0];
        }
        int id = ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
        Message reply = new Message(id);
        reply.getHeader().setFlag(Flags.QR);
        reply.getHeader().setRcode(Rcode.FORMERR);
        log.debug("a malformed DNS question was refused");
        return reply.toWire();
    }
}
