package io.quarterdeck.api.kinds.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests, whole and mangled, and what a real API server says of them. */
class RequestSyntaxTest {

    /** P-256, with an alternative name of each kind. */
    private static final byte[] SAMPLE =
            decoded("MIIBETCBuQIBADAdMQ0wCwYDVQQDDARqYW5lMQwwCgYDVQQKDANkZXYwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQRFpZ5"
                    + "sJSPzAQJzyN3ZaiQbwE8gERdjcklLMCwTYQhkWQggSaLs8gWWwU3pX1/AAIDd54qkFhW7yP6lcBSZPFLoDowOAYJKoZIhvcN"
                    + "AQkOMSswKTAnBgNVHREEIDAeggNhLmKHBAECAwSBA2FAYoYMc3BpZmZlOi8veC95MAoGCCqGSM49BAMCA0cAMEQCIFgdAxgQ"
                    + "AgIS0USZx6EXgDpj20rUugtnNaODIZMptnf8AiA/yxYLh2VRekkDRKmuHoACwdUttceof/8Mi1I10Xj5MA==");

    private static byte[] decoded(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    private static byte[] changed(int octet, int value) {
        byte[] request = SAMPLE.clone();
        request[octet] = (byte) value;
        return request;
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of("the sample", SAMPLE, ""),
                Arguments.of(
                        "octet 0 is 0x00",
                        changed(0, 0x00),
                        "asn1: structure error: tags don't match (16 vs {class:0 tag:0 length:273 isCompound:false}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @4"),
                Arguments.of(
                        "octet 0 is 0xff",
                        changed(0, 0xff),
                        "asn1: structure error: tags don't match (16 vs {class:3 tag:257 length:17 isCompound:true}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @4"),
                Arguments.of(
                        "octet 0 is 0x1f",
                        changed(0, 0x1f),
                        "asn1: structure error: tags don't match (16 vs {class:0 tag:257 length:17 isCompound:false}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @4"),
                Arguments.of(
                        "octet 0 is 0x80",
                        changed(0, 0x80),
                        "asn1: structure error: tags don't match (16 vs {class:2 tag:0 length:273 isCompound:false}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @4"),
                Arguments.of(
                        "octet 0 is 0x02",
                        changed(0, 0x02),
                        "asn1: structure error: tags don't match (16 vs {class:0 tag:2 length:273 isCompound:false}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @4"),
                Arguments.of("octet 1 is 0x00", changed(1, 0x00), "asn1: syntax error: sequence truncated"),
                Arguments.of("octet 1 is 0xff", changed(1, 0xff), "asn1: structure error: length too large"),
                Arguments.of(
                        "octet 1 is 0x80", changed(1, 0x80), "asn1: syntax error: indefinite length found (not DER)"),
                Arguments.of(
                        "octet 2 is 0x00",
                        changed(2, 0x00),
                        "asn1: structure error: superfluous leading zeros in length"),
                Arguments.of("octet 2 is 0xff", changed(2, 0xff), "asn1: syntax error: data truncated"),
                Arguments.of("octet 6 is 0x1f", changed(6, 0x1f), "asn1: structure error: non-minimal length"),
                Arguments.of("octet 7 is 0xff", changed(7, 0xff), "asn1: syntax error: non-minimal tag"),
                Arguments.of("octet 8 is 0x00", changed(8, 0x00), "asn1: structure error: empty integer"),
                Arguments.of(
                        "octet 8 is 0x1f", changed(8, 0x1f), "asn1: structure error: integer not minimally-encoded"),
                Arguments.of("octet 9 is 0xff", changed(9, 0xff), "x509: ECDSA verification failure"),
                Arguments.of("octet 12 is 0x00", changed(12, 0x00), "asn1: structure error: sequence tag mismatch"),
                Arguments.of("octet 13 is 0x1f", changed(13, 0x1f), "asn1: syntax error: truncated sequence"),
                Arguments.of(
                        "octet 17 is 0x00", changed(17, 0x00), "asn1: syntax error: zero length OBJECT IDENTIFIER"),
                Arguments.of(
                        "octet 18 is 0x80", changed(18, 0x80), "asn1: syntax error: integer is not minimally encoded"),
                Arguments.of("octet 20 is 0xff", changed(20, 0xff), "asn1: syntax error: truncated base 128 integer"),
                Arguments.of(
                        "octet 21 is 0x03",
                        changed(21, 0x03),
                        "asn1: syntax error: invalid padding bits in BIT STRING"),
                Arguments.of("octet 22 is 0xff", changed(22, 0xff), "asn1: syntax error: truncated tag or length"),
                Arguments.of("octet 23 is 0xff", changed(23, 0xff), "asn1: invalid UTF-8 string"),
                Arguments.of(
                        "octet 47 is 0x00",
                        changed(47, 0x00),
                        "x509: cannot verify signature: algorithm unimplemented"),
                Arguments.of("octet 54 is 0x00", changed(54, 0x00), "x509: invalid ECDSA parameters"),
                Arguments.of("octet 55 is 0x03", changed(55, 0x03), "x509: unsupported elliptic curve"),
                Arguments.of("octet 65 is 0x00", changed(65, 0x00), "asn1: syntax error: zero length BIT STRING"),
                Arguments.of("octet 65 is 0x1f", changed(65, 0x1f), "invalid P256 point encoding"),
                Arguments.of("octet 67 is 0x00", changed(67, 0x00), "ecdsa: invalid uncompressed public key"),
                Arguments.of("octet 68 is 0x00", changed(68, 0x00), "P256 point not on curve"),
                Arguments.of("octet 159 is 0x00", changed(159, 0x00), "x509: invalid subject alternative names"),
                Arguments.of("octet 161 is 0x02", changed(161, 0x02), "x509: invalid subject alternative name"),
                Arguments.of("octet 164 is 0xff", changed(164, 0xff), "x509: SAN dNSName is malformed"),
                Arguments.of("octet 168 is 0x00", changed(168, 0x00), "x509: cannot parse IP address of length 0"),
                Arguments.of("octet 168 is 0x02", changed(168, 0x02), "x509: cannot parse IP address of length 2"),
                Arguments.of("octet 168 is 0x03", changed(168, 0x03), "x509: cannot parse IP address of length 3"),
                Arguments.of("octet 175 is 0xff", changed(175, 0xff), "x509: SAN rfc822Name is malformed"),
                Arguments.of(
                        "octet 180 is 0x00",
                        changed(180, 0x00),
                        "x509: cannot parse URI \"\\x00piffe://x/y\": parse \"\\x00piffe://x/y\": net/url: invalid control character in URL"),
                Arguments.of(
                        "octet 180 is 0xff", changed(180, 0xff), "x509: SAN uniformResourceIdentifier is malformed"),
                Arguments.of(
                        "octet 180 is 0x30",
                        changed(180, 0x30),
                        "x509: cannot parse URI \"0piffe://x/y\": parse \"0piffe://x/y\": first path segment in URL cannot contain colon"),
                Arguments.of(
                        "octet 180 is 0x3a",
                        changed(180, 0x3a),
                        "x509: cannot parse URI \":piffe://x/y\": parse \":piffe://x/y\": missing protocol scheme"),
                Arguments.of(
                        "octet 190 is 0x3a",
                        changed(190, 0x3a),
                        "x509: cannot parse URI \"spiffe://x:y\": parse \"spiffe://x:y\": invalid port \":y\" after host"),
                Arguments.of("0 octets", Arrays.copyOf(SAMPLE, 0), "asn1: syntax error: sequence truncated"),
                Arguments.of("1 octets", Arrays.copyOf(SAMPLE, 1), "asn1: syntax error: truncated tag or length"),
                Arguments.of("3 octets", Arrays.copyOf(SAMPLE, 3), "asn1: syntax error: truncated tag or length"),
                Arguments.of("60 octets", Arrays.copyOf(SAMPLE, 60), "asn1: syntax error: data truncated"),
                Arguments.of("276 octets", Arrays.copyOf(SAMPLE, 276), "asn1: syntax error: data truncated"),
                Arguments.of(
                        "more octets", Arrays.copyOf(SAMPLE, SAMPLE.length + 1), "asn1: syntax error: trailing data"),
                Arguments.of(
                        "RSA",
                        decoded(
                                "MIICYjCCAUoCAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC"
                                        + "AQEA2pOpZ9Wng+bamP8yulRkYEgyutR7u+Xua9u/nxnkjODfGPuPi5kr3nHUihrdvTvE2YcL7DwnIVhQXEDJDVLoJkHQExb4"
                                        + "WXI4417dzi9BIQ8XiaCiOSs9OyN5h7tB/5kupFeq/ZoB+EZNf70u/UJIQeShai94gxS5Md0S1sZICScAc/Fmqj9PxWm5865O"
                                        + "DmPXsw5mSMXLuObG484gtyHWo57scQ73M1n+ySwLKxCSIUeMKlxOi6HfZdcANszJy+9fi+3m3Nus6tRU2X54yDDb6LuxUAX4"
                                        + "CMpbY4hfkF8kWdYdTCX6Lg2nTVH3gjBsGFIgNL80wLSrezqYPtBxobOHlQIDAQABoAAwDQYJKoZIhvcNAQELBQADggEBAIJs"
                                        + "QwsQ7YGIY9NYmTya5dH8Lht5pPda1GAYkcri77QvZvNIr0gaP7wCPUWk7lwK84ucWMo9C2tbJAzeL+TyLX71PcAm8Hx4jUrz"
                                        + "JUGZZaOQUaEeSxgAer1igZ0Ax8A51YdRgNDk6xM1gTqnzE6/1F/IWJArEJHZoBJhoAJpp8ZnbaVWAsVq03qhjzy/G8JGMSQe"
                                        + "Z8EdkRaX/LrW4R8bf3oblisZpmIiDXQ3ZUI/M1x8jwtVgq8Y5FdAtg01aY8QOtRCppb3du5FscL/JcWkzw5z4hMKcBeOwUMi"
                                        + "to2vxr83vms1MAjtObJj3udK54QKuNCgvZW7mbDgDjNEK6DCZko="),
                        ""),
                Arguments.of(
                        "P-256",
                        decoded(
                                "MIHXMH8CAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEERaWebCU"
                                        + "j8wECc8jd2WokG8BPIBEXY3JJSzAsE2EIZFkIIEmi7PIFlsFN6V9fwACA3eeKpBYVu8j+pXAUmTxS6AAMAoGCCqGSM49BAMC"
                                        + "A0gAMEUCIDVAEGVMcqS+ejRA4PKNuv026qBeN4HYI3w7LhcLV19GAiEAoiLlx6+FHHVwdhIfEr9RmCPAwBY0RAUZBPFymP5D"
                                        + "PIU="),
                        ""),
                Arguments.of(
                        "Ed25519",
                        decoded(
                                "MIGcMFACAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MCowBQYDK2VwAyEAVJfk8qJk/8KKScXsnnKDVmRvLNsu"
                                        + "u6/3cpG2rnOM0+mgADAFBgMrZXADQQAxJW5b5ULTjUDqKQl6ou5tNV7k3/hjZ+EI8LUIc7vUN97V9eXnuUge4lYZ8G4xQptg"
                                        + "EwM43GFHpZZ245uAXqIL"),
                        ""),
                Arguments.of(
                        "a curve of others",
                        decoded(
                                "MIHUMHwCAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEg8rvN5tLNkN5"
                                        + "OgTopTF4hScwH7Xg6YCYKYWfN1fWpcmMOo3v0+hqsRjiHyNGgu/j4jhDk3pG8ktqfWsMB3PUJaAAMAoGCCqGSM49BAMCA0gA"
                                        + "MEUCIQDwvpiYWNthlkn5hYEg2xVcKUqZ+5VBs9A/F9CTUkcRCgIgeN89kqXqrK8NCYD/n0iW6Er3eU9PoFalBqzEs9IR0DA="),
                        "x509: unsupported elliptic curve"),
                Arguments.of(
                        "RSA of 512 bits",
                        decoded(
                                "MIHXMIGCAgEAMB0xDTALBgNVBAMMBGphbmUxDDAKBgNVBAoMA2RldjBcMA0GCSqGSIb3DQEBAQUAA0sAMEgCQQDOFlddnwjj"
                                        + "AefRmtm29Hn1Uh1rLPRVkXz7oS0d7Cer+wTnKRTSK1I3CnBL1B4nal6W51Pc30Ibg1M1jaS34FrnAgMBAAGgADANBgkqhkiG"
                                        + "9w0BAQsFAANBACL32272ncXjeXZ/7Ho87EMoDICWoBZghsXwC/Z9oAgb0ddh6MDyi5pcPVCxFUrCsDbxD98XA27KAZOkZVFf"
                                        + "Ip8="),
                        "crypto/rsa: 512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"),
                Arguments.of(
                        "P-384",
                        decoded(
                                "MIIBFTCBnAIBADAdMQ0wCwYDVQQDDARqYW5lMQwwCgYDVQQKDANkZXYwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAATqVVpe9ij4"
                                        + "q2Ys27PfCYa5IuM18LW9V6/XwTBBrOGtBO/lhLT9aC9VJJ3oqhnAE39A3BaoT1oDPT43Yx7spNVcKd6Nn0nJHo0iuj+a8n5e"
                                        + "0z6cZLVuFkbRAhH41uCd2GCgADAKBggqhkjOPQQDAgNoADBlAjEA7IyoM7LvrwNZkfzdJkF9Is/WaCou3rnSPHT4ChPX6FPU"
                                        + "wlKiiFnQOK/lsnyQ0j1gAjA55vzkw9V5devDJFkmb1HAH3iVj0GpGqgZuIIH9UlxAQV12uyjJxz+VCRqFBgDoM4="),
                        ""),
                Arguments.of(
                        "RSA and MD5",
                        decoded(
                                "MIICYjCCAUoCAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC"
                                        + "AQEA2pOpZ9Wng+bamP8yulRkYEgyutR7u+Xua9u/nxnkjODfGPuPi5kr3nHUihrdvTvE2YcL7DwnIVhQXEDJDVLoJkHQExb4"
                                        + "WXI4417dzi9BIQ8XiaCiOSs9OyN5h7tB/5kupFeq/ZoB+EZNf70u/UJIQeShai94gxS5Md0S1sZICScAc/Fmqj9PxWm5865O"
                                        + "DmPXsw5mSMXLuObG484gtyHWo57scQ73M1n+ySwLKxCSIUeMKlxOi6HfZdcANszJy+9fi+3m3Nus6tRU2X54yDDb6LuxUAX4"
                                        + "CMpbY4hfkF8kWdYdTCX6Lg2nTVH3gjBsGFIgNL80wLSrezqYPtBxobOHlQIDAQABoAAwDQYJKoZIhvcNAQEEBQADggEBAC2q"
                                        + "vGyXJfKEMX6SIN53Xwye4Zs2gKfgeN9vpebtLbn4IjpGrS9KP/KUqdKonzye/6fECTB4D/q7JuPH55cRE9/lqLXZM6hQchoh"
                                        + "9BEbM82gtgaitze8/x9aI5Vin9TnKsxVwo4BXbafTKpFSdSNidAnxy3JvD7vFzUCaTKSgttKlLNtyWz+mkHpu95kSofs/NLL"
                                        + "yWDf5VNx23dxBWkHIA/iDIu3ff5fcBIHi/XbYEQnvbu0FIk5hDSXZItomecXz4ZyHCFDZBv/PKrfi5Ukte6T42sX5z79d1EZ"
                                        + "DKGdNTm47oqh8a6Nvv5OuW2MNw0+Y9MMUzGKGaRNXZxGrAGLPi8="),
                        "x509: cannot verify signature: insecure algorithm MD5-RSA"),
                Arguments.of(
                        "RSA and SHA-1",
                        decoded(
                                "MIICYjCCAUoCAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC"
                                        + "AQEA2pOpZ9Wng+bamP8yulRkYEgyutR7u+Xua9u/nxnkjODfGPuPi5kr3nHUihrdvTvE2YcL7DwnIVhQXEDJDVLoJkHQExb4"
                                        + "WXI4417dzi9BIQ8XiaCiOSs9OyN5h7tB/5kupFeq/ZoB+EZNf70u/UJIQeShai94gxS5Md0S1sZICScAc/Fmqj9PxWm5865O"
                                        + "DmPXsw5mSMXLuObG484gtyHWo57scQ73M1n+ySwLKxCSIUeMKlxOi6HfZdcANszJy+9fi+3m3Nus6tRU2X54yDDb6LuxUAX4"
                                        + "CMpbY4hfkF8kWdYdTCX6Lg2nTVH3gjBsGFIgNL80wLSrezqYPtBxobOHlQIDAQABoAAwDQYJKoZIhvcNAQEFBQADggEBAGAi"
                                        + "gydL5BPgYwsJB4nUuKR6HKRPruVhLuiT+P/5wrmN9LIEzXeVwYPG7ZOW7CLNImlPHDdA57YZZCMgHT/kfPVhvPeJ5Q35MYuB"
                                        + "EOe+XYkljMLquOjMJ8S+B3pzPD9jpeV2+9SeU731ZKVAjxkGfZ1zzkP5JSWptH/vmKiZvWbDV70DUyKHfQumTjZSLkJAtpJ8"
                                        + "3xDM0VwiwQYfBE2PcQQl2YSsDrtkXDh6R91RUeUfoR9Anoh4pxZGKIEXHBamc12mRD6rKTnX1NztQpOeYi6HTxMLMtJl73lu"
                                        + "+GhjdmleoF9Kc7U+zw1xOQ8wAov9mGIVjtEyGjzUFDKuvEnVYcY="),
                        ""),
                Arguments.of(
                        "RSA and PSS",
                        decoded(
                                "MIICljCCAUoCAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC"
                                        + "AQEA2pOpZ9Wng+bamP8yulRkYEgyutR7u+Xua9u/nxnkjODfGPuPi5kr3nHUihrdvTvE2YcL7DwnIVhQXEDJDVLoJkHQExb4"
                                        + "WXI4417dzi9BIQ8XiaCiOSs9OyN5h7tB/5kupFeq/ZoB+EZNf70u/UJIQeShai94gxS5Md0S1sZICScAc/Fmqj9PxWm5865O"
                                        + "DmPXsw5mSMXLuObG484gtyHWo57scQ73M1n+ySwLKxCSIUeMKlxOi6HfZdcANszJy+9fi+3m3Nus6tRU2X54yDDb6LuxUAX4"
                                        + "CMpbY4hfkF8kWdYdTCX6Lg2nTVH3gjBsGFIgNL80wLSrezqYPtBxobOHlQIDAQABoAAwQQYJKoZIhvcNAQEKMDSgDzANBglg"
                                        + "hkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEgA4IBAQBDxvz57W4dC1yz3dR95Bx/mrO3A7aU"
                                        + "vUpUrCk9Pr5ZQ8FTmGMtqfZxldAAF3PxscwuI/zxdJqya2VS855Yu6mBNiqMKPMzU7tLYPimAvhmP7QXK6oDRprCqnd3kTL4"
                                        + "eSsL44v2IAFBgesYudMpDErdjlf87UtwXzSZE0zFPk5QhoT9KHO59J4TQa1NkEsUjmgvdR6auZcrnvAxk0DS1fZT+P9aHBmQ"
                                        + "0fZDZScl1dhREkQITgCa2BaqwLiv3LwbOnveyfef52a018Yv67fLE5IssequR8AqOjj45h0twvie4lza15mxwsPUQwAuasU2"
                                        + "aJ9qQf/DQlzxEMfPpXM4Co4u"),
                        ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void judges(String name, byte[] request, String message) {
        Throwable refusal = catchThrowable(() -> RequestSyntax.check(request));

        if (message.isEmpty()) {
            assertThat(refusal).isNull();
        } else {
            assertThat(refusal).isInstanceOf(MalformedRequestException.class).hasMessage(message);
        }
    }
}
