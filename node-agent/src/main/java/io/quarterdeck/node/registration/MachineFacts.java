package io.quarterdeck.node.registration;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import oshi.SystemInfo;
import oshi.hardware.HardwareAbstractionLayer;

/**
 * What the machine has. Sizes in bytes.
 *
 * @param diskRoot where images and pods lie
 */
public record MachineFacts(
        int cpus,
        long memory,
        long disk,
        Path diskRoot,
        String machineId,
        String systemUuid,
        String bootId,
        String kernelVersion,
        String osImage,
        String architecture) {

    public static MachineFacts read(Path diskRoot) {
        HardwareAbstractionLayer hardware = new SystemInfo().getHardware();
        return new MachineFacts(
                onlineProcessors(file("/sys/devices/system/cpu/online"))
                        .orElseGet(Runtime.getRuntime()::availableProcessors),
                hardware.getMemory().getTotal(),
                diskRoot.toFile().getTotalSpace(),
                diskRoot,
                file("/etc/machine-id"),
                hardware.getComputerSystem().getHardwareUUID(),
                file("/proc/sys/kernel/random/boot_id"),
                file("/proc/sys/kernel/osrelease"),
                readOsImage(),
                "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "amd64");
    }

    /**
     * The machine's own, however few the control group of this process may use.
     *
     * @param ranges as the kernel lists them: {@code 0-3,6}
     */
    static OptionalInt onlineProcessors(String ranges) {
        if (!ranges.matches("\\d+(-\\d+)?(,\\d+(-\\d+)?)*")) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Stream.of(ranges.split(","))
                .map(range -> range.split("-"))
                .mapToInt(ends -> Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1)
                .sum());
    }

    /** Whether AppArmor's profiles are enforced: by the kernel, and by an engine that can load them. */
    public static boolean appArmor() {
        // Without the parser Docker runs a container that asks for a profile without any, and says nothing.
        return file("/sys/module/apparmor/parameters/enabled").startsWith("Y")
                && Files.isExecutable(Path.of("/sbin/apparmor_parser"));
    }

    public long diskAvailable() {
        return diskRoot.toFile().getUsableSpace();
    }

    /** MemAvailable of the machine, which is what can still be given out. */
    public static long memoryAvailable() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                            .map(line -> line.replaceAll("\\D", ""))
                            .mapToLong(Long::parseLong)
                            .findFirst()
                            .orElse(0)
                    * 1024;
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    /** The address of the interface that the default route leaves by; loopback where there is none. */
    public static String primaryAddress() {
        try (Stream<String> routes = Files.lines(Path.of("/proc/net/route"))) {
            List<String> names = routes.map(line -> line.split("\\s+"))
                    .filter(words -> words.length > 2 && "00000000".equals(words[1]))
                    .map(words -> words[0])
                    .toList();
            for (String name : names) {
                Optional<InetAddress> address = NetworkInterface.getByName(name)
                        .inetAddresses()
                        .filter(candidate -> candidate instanceof Inet4Address)
                        .findFirst();
                if (address.isPresent()) {
                    return address.get().getHostAddress();
                }
            }
        } catch (IOException noRoutes) {
            // A machine without a network has its loopback.
        }
        return InetAddress.getLoopbackAddress().getHostAddress();
    }

    private static String readOsImage() {
        try (Stream<String> lines = Files.lines(Path.of("/etc/os-release"))) {
            return lines.filter(line -> line.startsWith("PRETTY_NAME="))
                    .map(line -> line.substring(12).replace("\"", ""))
                    .findFirst()
                    .orElse("Linux");
        } catch (IOException e) {
            return "Linux";
        }
    }

    private static String file(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
