package io.quarterdeck.standalone.server;

import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** {@link KafkaControlMXBean} for the embedded broker. */
record KafkaControl(EmbeddedKafka kafka) implements KafkaControlMXBean {
    static void register(EmbeddedKafka kafka) {
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .registerMBean(new KafkaControl(kafka), new ObjectName("io.quarterdeck:type=Kafka"));
        } catch (JMException e) {
            throw new IllegalStateException("cannot register the broker's MBean", e);
        }
    }

    @Override
    public void pause() {
        kafka.pause();
    }

    @Override
    public void resume() {
        kafka.resume();
    }

    @Override
    public int getPort() {
        return kafka.port();
    }
}
