package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.validation.Values;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * No Service may claim an address from outside: whoever could, could take over its traffic (CVE-2020-8554). Addresses that a
 * Service has already may stay.
 */
@Component
final class DenyServiceExternalIPs implements AdmissionPlugin {

    @Override
    public String name() {
        return "DenyServiceExternalIPs";
    }

    @Override
    public boolean onByDefault() {
        return false;
    }

    @Override
    public void validate(AdmissionRequest request) {
        boolean update = request.is(Operation.UPDATE, "", "services");
        if (!update && !request.is(Operation.CREATE, "", "services")) {
            return;
        }
        List<String> added = new ArrayList<>(Values.strings(request.body().at("spec.externalIPs")));
        if (update) {
            added.removeAll(Values.strings(request.stored().at("spec.externalIPs")));
        }
        if (!added.isEmpty()) {
            throw request.forbidden("Use of external IPs is denied by admission control");
        }
    }
}
