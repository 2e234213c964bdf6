package io.quarterdeck.scheduler;

import io.quarterdeck.client.ClientService;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Import;

/** The scheduler as a service of its own. */
@ClientService
@Import(SchedulerServiceConfiguration.class)
public class SchedulerServiceApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(SchedulerServiceApplication.class, arguments);
    }
}
