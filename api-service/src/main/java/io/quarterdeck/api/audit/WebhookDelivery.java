package io.quarterdeck.api.audit;

import io.quarterdeck.api.callout.KubeconfigWebhook;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Posts batches as an EventList to the server of a kubeconfig file. */
final class WebhookDelivery implements BufferedBackend.Delivery {

    private static final byte[] HEAD =
            "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":["
                    .getBytes(StandardCharsets.UTF_8);

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
            list.writeBytes(events.get(i));
        }
        list.write(']');
        list.write('}');
        webhook.post(list.toByteArray());
    }

    @Override
    public void close() {
        webhook.close();
    }
}
