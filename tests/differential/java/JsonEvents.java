// How OpenSearch reads JSON: texts come in at standard input, each after its length in four bytes; for each a line goes out the
// same way: `A` and the list of what stands in it, or `R` and why it is refused. See fuzz/json_events.h for the list.
//
// The parser is the one that OpenSearch makes for a body. It reads a body from an array or from a stream, and Jackson has other
// code for the two and for the ends of its buffers: every text is read in each way, and if they differ the line is `D`.
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.InputStream;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.opensearch.common.xcontent.json.JsonXContent;
import org.opensearch.core.xcontent.DeprecationHandler;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.XContentParser;

public final class JsonEvents {
    public static void main(String[] words) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, 1 << 16));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 16));
        while (true) {
            byte[] text;
            try {
                text = new byte[in.readInt()];
            } catch (EOFException end) {
                break;
            }
            in.readFully(text);
            byte[] listed = list(text);
            out.writeInt(listed.length);
            out.write(listed);
        }
        out.flush();
    }

    private interface Open {
        XContentParser open() throws IOException;
    }

    private static byte[] list(byte[] text) {
        NamedXContentRegistry names = NamedXContentRegistry.EMPTY;
        DeprecationHandler ignore = DeprecationHandler.IGNORE_DEPRECATIONS;
        byte[] fromArray = read(() -> JsonXContent.jsonXContent.createParser(names, ignore, text));
        byte[] fromStream = read(() -> JsonXContent.jsonXContent.createParser(names, ignore, new ByteArrayInputStream(text)));
        byte[] fromDrops = read(() -> JsonXContent.jsonXContent.createParser(names, ignore, drops(text)));
        boolean same = Arrays.equals(fromArray, fromStream) && Arrays.equals(fromArray, fromDrops);
        return same || (fromArray[0] == 'R' && fromStream[0] == 'R' && fromDrops[0] == 'R') ? fromArray : new byte[] {'D'};
    }

    /** A stream that gives a few bytes at a time. */
    private static InputStream drops(byte[] text) {
        return new ByteArrayInputStream(text) {
            private int turn = 0;

            @Override
            public synchronized int read(byte[] into, int at, int most) {
                turn = turn % 7 + 1;
                return super.read(into, at, Math.min(most, turn));
            }
        };
    }

    private static byte[] read(Open open) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write('A');
        try (XContentParser parser = open.open()) {
            for (XContentParser.Token token = parser.nextToken(); token != null; token = parser.nextToken()) append(parser, token, out);
        } catch (Exception | StackOverflowError refused) {
            return ("R" + refused.getClass().getSimpleName()).getBytes(StandardCharsets.UTF_8);
        }
        return out.toByteArray();
    }

    private static void append(XContentParser parser, XContentParser.Token token, ByteArrayOutputStream out) throws IOException {
        switch (token) {
            case START_OBJECT: out.write('{'); break;
            case END_OBJECT: out.write('}'); break;
            case START_ARRAY: out.write('['); break;
            case END_ARRAY: out.write(']'); break;
            case FIELD_NAME: atom('k', parser.currentName(), out); break;
            case VALUE_STRING: atom('s', parser.text(), out); break;
            case VALUE_NULL: atom('l', "null", out); break;
            default: atom('l', parser.text(), out); break;
        }
    }

    private static void atom(char kind, String value, ByteArrayOutputStream out) throws IOException {
        byte[] bytes;
        try {
            bytes = bytes(value);
        } catch (CharacterCodingException half) {
            out.write('?');  // half of a pair: no bytes can say it, and no list of the engine's has this sign here
            return;
        }
        out.write((kind + String.valueOf(bytes.length) + ":").getBytes(StandardCharsets.UTF_8));
        out.write(bytes);
    }

    private static byte[] bytes(String value) throws CharacterCodingException {
        java.nio.ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }
}
