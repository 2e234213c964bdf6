package org.apache.coyote.http2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.net.SocketWrapperBase.BlockingMode;
import org.jspecify.annotations.Nullable;

/**
 * One connection. A small frame of a body waits until the threads that are ready to run have run: those of them that are
 * watches of the same connection, woken by the same change, add theirs, and all leave in one TLS record and one system
 * call. Whatever ends a stream, or is large, goes at once, behind what waits. Frames are read by one thread at a time. Thread-safe.
 */
final class GatheringUpgradeHandler extends Http2AsyncUpgradeHandler {

    private static final int HEAD = 9;
    /** What a TLS record holds: more would be cut into several. */
    private static final int RECORD = 16 * 1024;

    private static final int SMALL = RECORD / 2;
    /** Beyond this the writers feel the client's pace, as each alone would. */
    private static final int MOST = 4 * RECORD;

    private static final byte[] NOTHING = new byte[0];

    private final ReentrantLock gathering = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicBoolean begun = new AtomicBoolean();
    private byte[] gathered = NOTHING;
    private int size;
    private boolean leaving;
    private volatile @Nullable IOException broken;

    private final CompletionHandler<Long, Void> outcome = new CompletionHandler<>() {
        @Override
        public void completed(Long written, Void attachment) {}

        @Override
        public void failed(Throwable failure, Void attachment) {
            broken = failure instanceof IOException io ? io : new IOException(failure);
        }
    };

    @SuppressWarnings("NullAway") // See GatheringHttp2Protocol.
    GatheringUpgradeHandler(
            Http2Protocol protocol, Adapter adapter, @Nullable Request request, SocketWrapperBase<?> socket) {
        super(protocol, adapter, request, socket);
    }

    /**
     * The first dispatch reads the preface only. Whoever completes that reads the frames behind it; Tomcat's first thread would
     * read on beside that one, and two readers take frames out of their order.
     */
    @Override
    @SuppressWarnings("NullAway") // There is a WebConnection only where HTTP/1.1 was upgraded.
    public SocketState upgradeDispatch(SocketEvent status) {
        if (status != SocketEvent.OPEN_READ || !begun.compareAndSet(false, true)) {
            return super.upgradeDispatch(status);
        }
        init(null);
        return socketWrapper.isClosed() ? SocketState.CLOSED : SocketState.ASYNC_IO;
    }

    @Override
    void writeBody(Stream stream, ByteBuffer data, int length, boolean finished) throws IOException {
        if (finished || length > SMALL) {
            leave();
            super.writeBody(stream, data, length, finished);
            return;
        }
        reduceOverheadCount(FrameType.DATA);
        if (!stream.canWrite()) {
            return;
        }
        boolean first;
        boolean full;
        gathering.lock();
        try {
            add(stream, data, length);
            first = !leaving;
            leaving = true;
            full = size >= MOST;
        } finally {
            gathering.unlock();
        }
        if (first && !full) {
            Thread.yield();
        }
        if (first || full) {
            leave();
        } else {
            failIfBroken();
        }
    }

    @Override
    void writeHeaders(Stream stream, MimeHeaders headers, boolean endOfStream, int payloadSize) throws IOException {
        if (endOfStream) {
            leave();
        }
        super.writeHeaders(stream, headers, endOfStream, payloadSize);
    }

    @Override
    void sendStreamReset(StreamStateMachine state, StreamException reason) throws IOException {
        leave();
        super.sendStreamReset(state, reason);
    }

    private void add(Stream stream, ByteBuffer data, int length) {
        int end = size + HEAD + length;
        if (end > gathered.length) {
            gathered = Arrays.copyOf(gathered, Math.max(end, Math.min(2 * gathered.length, MOST + RECORD)));
        }
        Arrays.fill(gathered, size, size + HEAD, (byte) 0);
        ByteUtil.setThreeBytes(gathered, size, length);
        gathered[size + 3] = FrameType.DATA.getIdByte();
        ByteUtil.set31Bits(gathered, size + 5, stream.getIdAsInt());
        data.get(gathered, size + HEAD, length);
        size = end;
    }

    /** Writes what waits, behind whatever is being written. */
    private void leave() throws IOException {
        writing.lock();
        try {
            ByteBuffer out = take();
            if (out.hasRemaining()) {
                socketWrapper.write(
                        BlockingMode.BLOCK,
                        protocol.getWriteTimeout(),
                        TimeUnit.MILLISECONDS,
                        null,
                        SocketWrapperBase.COMPLETE_WRITE,
                        outcome,
                        out);
            }
        } finally {
            writing.unlock();
        }
        failIfBroken();
    }

    private ByteBuffer take() {
        gathering.lock();
        try {
            ByteBuffer out = ByteBuffer.wrap(gathered, 0, size);
            gathered = NOTHING;
            size = 0;
            leaving = false;
            return out;
        } finally {
            gathering.unlock();
        }
    }

    private void failIfBroken() throws IOException {
        IOException failure = broken;
        if (failure != null) {
            handleAppInitiatedIOException(failure);
        }
    }
}
