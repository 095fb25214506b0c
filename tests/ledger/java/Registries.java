// Prints every name that an OpenSearch server with its modules registers or parses, one a line: KIND <tab> NAME.
//
//   Registries HOME DATA     HOME: lib/ and modules/ of the server; DATA: an empty folder that it may write to
//
// The node is built as `bin/opensearch` builds it, and not started: it listens nowhere. What is in a registry is read
// from there. Where OpenSearch keeps no registry, its parser is asked: a parser can only know names that stand in the
// constants of its class, so each of those is tried. Compiled against OpenSearch 2, run on 2 and 3: what differs between
// them is called by reflection.
import java.io.DataInputStream;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.xcontent.json.JsonXContent;
import org.opensearch.core.ParseField;
import org.opensearch.core.common.bytes.BytesArray;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.xcontent.DeprecationHandler;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpRequest;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginsService;
import org.opensearch.plugins.SearchPlugin;
import org.opensearch.rest.BaseRestHandler;
import org.opensearch.rest.MethodHandlers;
import org.opensearch.rest.RestController;
import org.opensearch.rest.RestHandler;
import org.opensearch.rest.RestRequest;
import org.opensearch.search.SearchModule;

public final class Registries {
    private static final Set<String> lines = new TreeSet<>();
    private static NamedXContentRegistry registry;

    private static void line(String kind, String name) {
        lines.add(kind + "\t" + name);
    }

    public static void main(String[] words) throws Exception {
        Path data = Path.of(words[1]).toAbsolutePath();
        Path config = Files.createDirectories(data.resolve("config"));
        Settings settings = Settings.builder()
            .put("path.home", Path.of(words[0]).toAbsolutePath().toString())
            .put("path.data", data.resolve("data").toString())
            .put("path.logs", data.resolve("logs").toString())
            .put("node.name", "registries")
            .put("discovery.type", "single-node")
            .put("transport.type", "netty4")
            .put("http.type", "netty4")
            .build();
        Node node = new Node(new Environment(settings, config));
        registry = node.injector().getInstance(NamedXContentRegistry.class);
        listParsers();
        listSearchModule(node, settings);
        listRoutes(node);
        listBodyKeys();
        listHeaderKeys();
        lines.forEach(System.out::println);
        System.out.flush();
        Runtime.getRuntime().halt(0);  // the node's threads would go on
    }

    // --- registries

    private static Object read(Object from, String field) throws Exception {
        for (Class<?> type = from.getClass(); type != null; type = type.getSuperclass()) {
            for (Field candidate : type.getDeclaredFields()) {
                if (!candidate.getName().equals(field)) continue;
                candidate.setAccessible(true);
                return candidate.get(from);
            }
        }
        throw new NoSuchFieldException(field);
    }

    /** What parseNamedObject() finds: queries, aggregations, suggesters, rescorers, sorts, score functions and more. */
    private static void listParsers() throws Exception {
        for (Map.Entry<?, ?> category : ((Map<?, ?>) read(registry, "registry")).entrySet()) {
            for (Object name : ((Map<?, ?>) category.getValue()).keySet()) {
                line(((Class<?>) category.getKey()).getSimpleName(), (String) name);
            }
        }
    }

    private static void listSearchModule(Node node, Settings settings) throws Exception {
        PluginsService plugins = (PluginsService) read(node, "pluginsService");
        SearchModule search = new SearchModule(settings, plugins.filterPlugins(SearchPlugin.class));
        for (String name : search.getHighlighters().keySet()) line("Highlighter", name);
        for (Object entry : SearchModule.getIntervalsSourceProviderNamedWritables()) {
            line("IntervalsSourceProvider", (String) entry.getClass().getField("name").get(entry));
        }
    }

    // --- routes and their parameters

    private static void listRoutes(Node node) throws Exception {
        Object client = read(node, "client");
        Method handlerOf = null;
        Object transport = node.injector().getInstance(HttpServerTransport.class);
        Iterator<MethodHandlers> all = ((RestController) read(transport, "dispatcher")).getAllHandlers();
        while (all.hasNext()) {
            MethodHandlers handlers = all.next();
            if (handlerOf == null) {
                handlerOf = handlers.getClass().getDeclaredMethod("getHandler", RestRequest.Method.class);
                handlerOf.setAccessible(true);
            }
            for (RestRequest.Method method : handlers.getValidMethods()) {
                String route = method + " " + handlers.getPath();
                line("route", route);
                RestHandler handler = (RestHandler) handlerOf.invoke(handlers, method);
                for (String name : parametersOf(handler, method, handlers.getPath(), client)) line("param", route + " " + name);
            }
        }
    }

    /** Parameters that remember what they were asked for. */
    private static final class Asked extends HashMap<String, String> {
        final Set<String> names = new TreeSet<>();

        Asked(Map<String, String> params) {
            super(params);
        }

        @Override
        public boolean containsKey(Object name) {
            return get(name) != null;
        }

        @Override
        public String get(Object name) {
            names.add((String) name);
            return super.get(name);
        }
    }

    /** A request that lets its handler's questions be seen. */
    private static final class Probe extends RestRequest {
        Probe(Map<String, String> params, String path, HttpRequest request) {
            super(registry, params, path, Map.of("Content-Type", List.of("application/json")), request, null);
        }
    }

    private static Probe probe(RestRequest.Method method, String path, Asked params, BytesReference body) {
        HttpRequest request = (HttpRequest) Proxy.newProxyInstance(Registries.class.getClassLoader(),
            new Class<?>[] {HttpRequest.class}, (self, called, arguments) -> {
                switch (called.getName()) {
                    case "method": return method;
                    case "uri": return path;
                    case "content": return body;
                    case "getHeaders": return Map.of("Content-Type", List.of("application/json"));
                    default: return null;
                }
            });
        return new Probe(params, path, request);
    }

    /** The unwrapped handler, if it is one that checks its parameters. */
    private static BaseRestHandler checked(RestHandler handler) throws Exception {
        for (Object at = handler; at instanceof RestHandler; at = inner(at)) {
            if (at instanceof BaseRestHandler) return (BaseRestHandler) at;
        }
        return null;
    }

    private static Object inner(Object handler) throws Exception {
        for (Field field : handler.getClass().getDeclaredFields()) {
            if (!RestHandler.class.isAssignableFrom(field.getType())) continue;
            field.setAccessible(true);
            return field.get(handler);
        }
        return null;
    }

    private static final String[] PARAMETER_VALUES = {"true", "1", "a", "1m"};

    /**
     * The names a handler consumes. Many it asks for, but consumes only if they are there, or beside another: each is tried with
     * a few values, as many times as there are others found.
     */
    private static Set<String> parametersOf(RestHandler handler, RestRequest.Method method, String path, Object client)
        throws Exception {
        BaseRestHandler base = checked(handler);
        if (base == null) return Set.of();
        Method prepare = declared(base.getClass(), "prepareRequest", 2);
        Map<String, String> placeholders = new HashMap<>();
        for (String segment : path.split("/")) {
            if (segment.startsWith("{")) placeholders.put(segment.substring(1, segment.length() - 1), "a");
        }
        Set<String> consumed = new TreeSet<>();
        Set<String> tried = new HashSet<>();
        List<Map<String, String>> work = new ArrayList<>(List.of(placeholders));
        while (!work.isEmpty()) {
            Map<String, String> params = work.remove(work.size() - 1);
            for (String body : new String[] {"", "{}"}) {
                Asked asked = new Asked(params);
                Probe request = probe(method, path, asked, new BytesArray(body));
                try {
                    prepare.invoke(base, request, client);
                } catch (InvocationTargetException refused) {
                    // It has asked up to here.
                }
                for (Object name : (Set<?>) read(request, "consumedParams")) consumed.add((String) name);
                for (String name : asked.names) {
                    if (!tried.add(name) || placeholders.containsKey(name)) continue;
                    for (String value : PARAMETER_VALUES) {
                        Map<String, String> more = new HashMap<>(placeholders);
                        more.put(name, value);
                        work.add(more);
                    }
                }
            }
        }
        for (Object name : (Set<?>) declared(base.getClass(), "responseParams", 0).invoke(base)) consumed.add((String) name);
        consumed.removeAll(placeholders.keySet());
        return consumed;
    }

    private static Method declared(Class<?> type, String name, int arguments) throws Exception {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            for (Method method : at.getDeclaredMethods()) {
                if (!method.getName().equals(name) || method.getParameterCount() != arguments) continue;
                if (Modifier.isAbstract(method.getModifiers()) || method.isBridge()) continue;
                method.setAccessible(true);
                return method;
            }
        }
        throw new NoSuchMethodException(type + " " + name);
    }

    // --- parsers without a registry

    /** The strings in a class's constant pool that could be names. */
    private static Set<String> constants(Class<?> type) throws Exception {
        Set<String> found = new HashSet<>();
        try (InputStream stream = type.getResourceAsStream(type.getName().replaceAll(".*\\.", "") + ".class");
            DataInputStream in = new DataInputStream(stream)) {
            in.skipBytes(8);
            int count = in.readUnsignedShort();
            for (int i = 1; i < count; ++i) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case 1: found.add(in.readUTF()); break;
                    case 3: case 4: case 9: case 10: case 11: case 12: case 17: case 18: in.skipBytes(4); break;
                    case 5: case 6: in.skipBytes(8); ++i; break;
                    case 7: case 8: case 16: case 19: case 20: in.skipBytes(2); break;
                    case 15: in.skipBytes(3); break;
                    default: throw new IllegalStateException("constant of kind " + tag);
                }
            }
        }
        found.removeIf(name -> !name.matches("[a-zA-Z_][a-zA-Z0-9_]{0,60}") || name.equals(name.toUpperCase(Locale.ROOT)));
        return found;
    }

    /** The names of a class's ParseFields, its parents' included. */
    private static Set<String> fieldNames(Class<?> type) throws Exception {
        Set<String> found = new TreeSet<>();
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (field.getType() != ParseField.class || !Modifier.isStatic(field.getModifiers())) continue;
                field.setAccessible(true);
                ParseField name = (ParseField) field.get(null);
                for (String one : name.getAllNamesIncludedDeprecated()) found.add(one);
            }
        }
        return found;
    }

    private static final String[] VALUES = {"1", "\"a\"", "true", "{}", "[]"};
    private static final String NO_NAME = "no_such_name";

    interface Parse {
        void run(String json) throws Exception;
    }

    /** What the parser says of a text that holds the name: nothing, or an error without places and advice. */
    private static String said(Parse parse, String text, String name) {
        try {
            parse.run(text.replace("NAME", name));
            return "";
        } catch (Throwable thrown) {
            StringBuilder all = new StringBuilder();
            for (Throwable at = thrown; at != null; at = at.getCause()) {
                if (at instanceof InvocationTargetException) continue;
                all.append(at.getClass().getName()).append(' ').append(at.getMessage()).append('\n');
            }
            return all.toString().replaceAll("\\[-?[0-9]+:-?[0-9]+\\]", "").replaceAll("did you mean [^\\n]*", "")
                .replaceAll("[ ?,]+\n", "\n");
        }
    }

    private static String nameless(String said, String name) {
        return said.replaceAll("([\\['`\"])" + name + "([\\]'`\"])", "$1" + NO_NAME + "$2");
    }

    /** A name is known if the parser says something else about it than about a name that cannot be one. */
    private static void listKnown(String kind, Set<String> candidates, String before, String after, Parse parse) {
        for (String value : VALUES) {
            String text = before + "\"NAME\":" + value + after;
            String unknown = said(parse, text, NO_NAME);
            for (String name : candidates) {
                if (!nameless(said(parse, text, name), name).equals(nameless(unknown, name))) line(kind, name);
            }
        }
    }

    private static XContentParser parser(String json) throws Exception {
        return JsonXContent.jsonXContent.createParser(registry, DeprecationHandler.IGNORE_DEPRECATIONS, json);
    }

    private static Class<?> type(String name) throws Exception {
        return Class.forName("org.opensearch." + name);
    }

    /** Calls a method with what it needs, found by the types of its parameters. */
    private static Object call(Method method, Object self, String json) throws Exception {
        Object[] arguments = new Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; ++i) {
            Class<?> wanted = method.getParameterTypes()[i];
            if (wanted == XContentParser.class) {
                arguments[i] = parser(json);
            } else if (wanted == BytesReference.class) {
                arguments[i] = new BytesArray(json.getBytes(StandardCharsets.UTF_8));
            } else if (wanted.getSimpleName().equals("XContent")) {
                arguments[i] = JsonXContent.jsonXContent;
            } else if (wanted.getSimpleName().equals("CheckedBiConsumer")) {
                arguments[i] = Proxy.newProxyInstance(Registries.class.getClassLoader(), new Class<?>[] {wanted},
                    (proxy, called, given) -> null);
            } else if (wanted.getSimpleName().equals("IndicesOptions")) {
                arguments[i] = wanted.getMethod("strictExpandOpenAndForbidClosed").invoke(null);
            } else if (wanted == NamedXContentRegistry.class) {
                arguments[i] = registry;
            } else if (wanted == boolean.class) {
                arguments[i] = true;
            }
        }
        return method.invoke(self, arguments);
    }

    private static final String[] SEARCH_CLASSES = {
        "search.builder.SearchSourceBuilder", "search.builder.PointInTimeBuilder", "search.collapse.CollapseBuilder",
        "search.slice.SliceBuilder", "search.fetch.subphase.highlight.HighlightBuilder",
        "search.fetch.subphase.highlight.HighlightBuilder$Field", "search.fetch.subphase.highlight.AbstractHighlighterBuilder",
        "index.query.InnerHitBuilder", "search.sort.SortBuilder", "search.sort.FieldSortBuilder", "search.sort.ScoreSortBuilder",
        "search.sort.GeoDistanceSortBuilder", "search.sort.ScriptSortBuilder", "search.sort.NestedSortBuilder",
        "search.fetch.subphase.FetchSourceContext", "search.rescore.RescorerBuilder", "search.rescore.QueryRescorerBuilder"};

    // Where in a search body a key is looked for.
    private static final String[][] SECTIONS = {
        {"search body", "{", "}"},
        {"_source", "{\"_source\":{", "}}"},
        {"collapse", "{\"collapse\":{\"field\":\"f\",", "}}"},
        {"highlight", "{\"highlight\":{", "}}"},
        {"highlight", "{\"highlight\":{\"fields\":{\"f\":{", "}}}}"},
        {"inner_hits", "{\"collapse\":{\"field\":\"f\",\"inner_hits\":{", "}}}"},
        {"pit", "{\"pit\":{\"id\":\"a\",", "}}"},
        {"slice", "{\"slice\":{", "}}"},
        {"sort key", "{\"sort\":[{\"f\":{", "}}]}"},
        {"geo sort key", "{\"sort\":[{\"_geo_distance\":{\"f\":[1,1],", "}}]}"},
        {"script sort key", "{\"sort\":[{\"_script\":{", "}}]}"},
        {"nested sort key", "{\"sort\":[{\"f\":{\"nested\":{", "}}}]}"}};

    private static void listBodyKeys() throws Exception {
        Set<String> candidates = new TreeSet<>();
        for (String name : SEARCH_CLASSES) {
            candidates.addAll(constants(type(name)));
            candidates.addAll(fieldNames(type(name)));
        }
        Method parse = type("search.builder.SearchSourceBuilder").getMethod("fromXContent", XContentParser.class);
        for (String[] section : SECTIONS) {
            listKnown(section[0], candidates, section[1], section[2], json -> call(parse, null, json));
        }
        listOther("scroll body", "action.search.SearchScrollRequest", "fromXContent", 1);
        listOther("clear scroll body", "action.search.ClearScrollRequest", "fromXContent", 1);
        listOther("delete pit body", "action.search.DeletePitRequest", "fromXContent", 1);
        listOther("mget body", "action.get.MultiGetRequest", "add", 6);
        listDocKeys();
        listHandlerKeys("count body", "rest.action.search.RestCountAction");
        listHandlerKeys("field_caps body", "rest.action.RestFieldCapabilitiesAction");
    }

    private static Object instance(Class<?> type, Method method) throws Exception {
        if (Modifier.isStatic(method.getModifiers())) return null;
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    private static void listOther(String kind, String name, String method, int arguments) throws Exception {
        Class<?> type = type(name);
        Set<String> candidates = constants(type);
        candidates.addAll(fieldNames(type));
        Method parse = declared(type, method, arguments);
        listKnown(kind, candidates, "{", "}", json -> call(parse, instance(type, parse), json));
    }

    private static void listDocKeys() throws Exception {
        Class<?> type = type("action.get.MultiGetRequest");
        Set<String> candidates = constants(type);
        candidates.addAll(fieldNames(type));
        Method parse = declared(type, "add", 6);
        listKnown("mget doc", candidates, "{\"docs\":[{\"_index\":\"a\",\"_id\":\"b\",", "}]}",
            json -> call(parse, instance(type, parse), json));
    }

    /** The keys of a body that no class but the handler reads. */
    private static void listHandlerKeys(String kind, String handler) throws Exception {
        Class<?> type = type(handler);
        Object self = type.getDeclaredConstructor().newInstance();
        Method prepare = declared(type, "prepareRequest", 2);
        Set<String> candidates = constants(type);
        candidates.addAll(constants(type("rest.action.RestActions")));
        listKnown(kind, candidates, "{", "}", json -> {
            Probe request = probe(RestRequest.Method.POST, "/", new Asked(Map.of()), new BytesArray(json));
            prepare.invoke(self, request, null);
        });
    }

    private static void listHeaderKeys() throws Exception {
        Class<?> request = type("action.search.MultiSearchRequest");
        Set<String> candidates = constants(request);
        candidates.addAll(constants(type("action.support.IndicesOptions")));
        Method read = declared(request, "readMultiLineFormat", 11);
        listKnown("msearch header", candidates, "{", "}", json -> call(read, null, json + "\n{}\n"));
    }
}
