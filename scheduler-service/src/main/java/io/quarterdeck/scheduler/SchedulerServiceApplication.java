package io.quarterdeck.scheduler;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The scheduler as a service of its own. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(SchedulerServiceConfiguration.class)
public class SchedulerServiceApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(SchedulerServiceApplication.class, arguments);
    }
}
