package io.quarterdeck.api.audit;

import io.quarterdeck.api.callout.KubeconfigWebhook;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Posts batches as an EventList to the server of a kubeconfig file. */
final class WebhookDelivery implements Delivery {

    private static final byte[] HEAD =
            "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":["
                    .getBytes(StandardCharsets.UTF_8);

    /** What an event begins with; the elements of a list leave it to the list to say what they are. */
    private static final byte[] TYPE =
            "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",".getBytes(StandardCharsets.UTF_8);

    private final KubeconfigWebhook webhook;

    WebhookDelivery(KubeconfigWebhook webhook) {
        this.webhook = webhook;
    }

    @Override
    public void deliver(List<byte[]> events) throws Exception {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        list.writeBytes(HEAD);
        for (int i = 0; i < events.size(); i++) {
            if (i > 0) {
                list.write(',');
            }
            byte[] event = events.get(i);
            int skipped = Arrays.mismatch(event, TYPE) == TYPE.length ? TYPE.length : 0;
            list.write('{');
            list.write(event, Math.max(skipped, 1), event.length - Math.max(skipped, 1));
        }
        list.write(']');
        list.write('}');
        webhook.deliver(list.toByteArray());
    }

    @Override
    public void close() {
        webhook.close();
    }
}
