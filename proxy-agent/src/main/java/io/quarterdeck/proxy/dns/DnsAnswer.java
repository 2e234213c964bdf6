package io.quarterdeck.proxy.dns;

import java.util.List;
import org.xbill.DNS.Record;

/** What the zone says to a question. {@code answers} may be empty with a code of NOERROR: the name exists, the type does not. */
record DnsAnswer(int code, List<Record> answers, List<Record> additional) {
    DnsAnswer {
        answers = List.copyOf(answers);
        additional = List.copyOf(additional);
    }
}
