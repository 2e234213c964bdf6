package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.checks.Checks;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.PortPlan;
import java.io.PrintStream;
import java.util.OptionalInt;

/** What a user needs to know once the cluster runs. At most eight lines. */
final class Summary {
    private Summary() {}

    /** @param kubectl whether it is installed */
    static void print(PrintStream out, Instance instance, String context, boolean kubectl) {
        var ports = new PortPlan(instance.port(OptionalInt.empty()));
        String data = instance.directory().equals(Instance.usualDirectory()) ? "" : " --data " + instance.directory();
        out.println();
        out.println("Context     " + context);
        out.println("API         https://127.0.0.1:" + ports.api());
        out.println("Swagger UI  https://127.0.0.1:" + ports.api() + "/swagger-ui/index.html");
        out.println("Dashboard   https://127.0.0.1:" + ports.dashboard() + "  (user admin, password in "
                + instance.dashboardPassword() + ")");
        out.println(
                "Try         kubectl get nodes" + (kubectl ? "" : "    (not installed here: " + Checks.KUBECTL + ")"));
        out.println("            kubectl create deployment web --image=IMAGE");
        out.println("Stop        " + QuarterdeckCommand.command() + " down" + data);
    }
}
