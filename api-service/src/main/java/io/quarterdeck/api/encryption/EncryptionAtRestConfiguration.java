package io.quarterdeck.api.encryption;

import io.quarterdeck.api.store.BodySeal;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The seal that the properties ask for. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EncryptionProperties.class)
public class EncryptionAtRestConfiguration {

    @Bean
    BodySeal bodySeal(EncryptionProperties properties) {
        return properties.providerConfig() == null
                ? BodySeal.CLEAR
                : new EncryptedBodies(properties.providerConfig(), InstantSource.system());
    }
}
