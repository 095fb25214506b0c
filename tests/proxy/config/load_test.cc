#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "config/options.h"
#include "proxy/temp_folder.h"

namespace weir::proxy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LoadConfig : public ::testing::Test {
 protected:
  void write(const std::string& toml) {
    std::ofstream(file_) << toml;
    sources_.file = file_;
  }
  Result<Config> load() {
    sources_.variable = [this](const std::string& name) -> const char* {
      const auto found = variables_.find(name);
      return found == variables_.end() ? nullptr : found->second.c_str();
    };
    return load_config(sources_);
  }
  /// `where: what` of every problem, without the folder.
  std::vector<std::string> problems() {
    std::vector<std::string> texts;
    const auto result = load();
    for (const Problem& problem : result.problems()) {
      std::string text = problem.where + ": " + problem.what;
      if (const auto at = text.find(folder_.path()); at != std::string::npos) {
        text.erase(at, folder_.path().size() + 1);
      }
      texts.push_back(text);
    }
    return texts;
  }
  Config good() {
    auto config = load();
    EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.problems().at(0).what);
    return config.ok() ? std::move(config).value() : Config{};
  }

  TempFolder folder_;
  std::string file_ = folder_.path() + "/weir.toml";
  ConfigSources sources_;
  std::map<std::string, std::string> variables_;
};

TEST_F(LoadConfig, WorksWithNothing) {
  const Config config = good();
  EXPECT_EQ(config.data, "./weir-data");
  EXPECT_EQ(config.store_url, "sqlite:./weir-data/weir.db");
  EXPECT_EQ(config.gate.listen.port, 9600);
  EXPECT_EQ(config.admin.listen.port, 9601);
  ASSERT_EQ(config.accounts.size(), 1U);
  EXPECT_EQ(config.accounts[0].name, "default");
  EXPECT_THAT(config.accounts[0].indices, ElementsAre("*"));
  const ServerSettings settings = server_settings(config);
  ASSERT_EQ(settings.upstreams.size(), 1U);
  EXPECT_EQ(settings.upstreams[0].host, "127.0.0.1");
  EXPECT_EQ(settings.upstreams[0].port, 9200);
  EXPECT_EQ(settings.upstreams[0].credential, UpstreamCredential::kNone);
}

TEST_F(LoadConfig, WorksWithTheFlagsOfTheReadme) {
  sources_.flags = {{"upstream.url", {"http://127.0.0.1:9200"}}, {"gate.listen", {"127.0.0.1:1"}},
                    {"admin.listen", {"127.0.0.1:2"}},           {"data", {"d"}},
                    {"indices", {"logs-*,metrics-*", "audit"}},  {"store.url", {"sqlite:x.db"}}};
  const Config config = good();
  EXPECT_EQ(config.gate.listen.port, 1);
  EXPECT_EQ(config.admin.listen.port, 2);
  EXPECT_EQ(config.store_url, "sqlite:x.db");
  ASSERT_EQ(config.accounts.size(), 1U);
  EXPECT_THAT(config.accounts[0].indices, ElementsAre("logs-*", "metrics-*", "audit"));
  EXPECT_EQ(key_path(config), "d/keys");
}

TEST_F(LoadConfig, FlagsWinOverVariablesOverTheFile) {
  write(
      "[gate]\nlisten = \"127.0.0.1:1001\"\n[admin]\nlisten = \"127.0.0.1:2001\"\n[log]\nlevel = "
      "\"debug\"\n");
  variables_["WEIR_GATE_LISTEN"] = "127.0.0.1:1002";
  variables_["WEIR_ADMIN"] = "127.0.0.1:2002";
  variables_["WEIR_DATA"] = "";  // as a container sets what it does not know
  sources_.flags["gate.listen"] = {"127.0.0.1:1003"};
  const Config config = good();
  EXPECT_EQ(config.gate.listen.port, 1003);
  EXPECT_EQ(config.admin.listen.port, 2002);
  EXPECT_EQ(config.log.level, LogLevel::kDebug);
  EXPECT_EQ(config.data, "./weir-data");
}

TEST_F(LoadConfig, ReadsEverySection) {
  write(R"(
data = "/d"
[gate]
listen = "0.0.0.0:1"
tls = { certificate = "c.pem", key = "k.pem", require_13 = true }
threads = 3
[admin]
listen = "[::1]:2"
[upstream]
url = "https://search:9201/x"
user = "u"
password = "p"
connect_timeout = "250ms"
[upstream.tls]
ca = "ca.pem"
verify = false
[store]
url = "sqlite:/s.db"
[tokens]
unfiltered = "deny"
default_ttl = "1d"
max_per_account = 5
[limits]
body_bytes = "1MiB"
connections = 10
[log]
file = "/l"
requests = false
[[account]]
name = "a"
indices = ["logs-a-*"]
[[account]]
name = "b"
indices = ["logs-b-*", "x"]
upstream = "http://other:9300"
)");
  const Config config = good();
  EXPECT_TRUE(config.gate.tls.require_tls13);
  EXPECT_EQ(config.gate.tls.key_file, "k.pem");
  EXPECT_EQ(config.tokens.unfiltered, Unfiltered::kDeny);
  EXPECT_EQ(config.tokens.default_ttl, std::chrono::hours(24));
  EXPECT_EQ(config.tokens.max_per_account, 5U);
  EXPECT_EQ(config.gate.limits.max_body_bytes, 1U << 20U);
  EXPECT_FALSE(config.log.requests);
  const ServerSettings settings = server_settings(config);
  EXPECT_EQ(settings.worker_threads, 3U);
  ASSERT_EQ(settings.upstreams.size(), 2U);
  EXPECT_TRUE(settings.upstreams[0].tls);
  EXPECT_EQ(settings.upstreams[0].path_prefix, "/x");
  EXPECT_FALSE(settings.upstreams[0].verify);
  EXPECT_EQ(settings.upstreams[0].credential, UpstreamCredential::kBasic);
  EXPECT_EQ(settings.upstreams[1].name, "b");
  EXPECT_EQ(settings.upstreams[1].host, "other");
  EXPECT_FALSE(settings.upstreams[1].tls);
  EXPECT_EQ(settings.upstreams[1].connect_timeout, Millis(250));
}

TEST_F(LoadConfig, TellsEverythingThatIsWrongAtOnce) {
  write(R"([gate]
listn = "127.0.0.1:1"
listen = 9600
[limits]
body_bytes = "huge"
[store]
url = "mysql:x"
[nonsense]
a = 1
[[account]]
name = "a b"
indices = ["x"]
colour = "red"
)");
  variables_["WEIR_LOG_LEVEL"] = "loud";
  sources_.flags["upstream.url"] = {"localhost"};
  EXPECT_THAT(
      problems(),
      ::testing::UnorderedElementsAre(
          HasSubstr("weir.toml:2:1: unknown key `gate.listn`; did you mean `gate.listen`?"),
          HasSubstr("weir.toml:3:10: `gate.listen`: an address in quotes"),
          HasSubstr("weir.toml:5:14: `limits.body_bytes`"), HasSubstr("weir.toml:7:7: `store.url`"),
          HasSubstr("weir.toml:8:2: unknown key `nonsense`"),
          HasSubstr("weir.toml:10:1: `a b` is not an account's name"),
          HasSubstr("weir.toml:13:1: unknown key `colour`"),
          HasSubstr("WEIR_LOG_LEVEL: `log.level`: `loud` is not offered"),
          HasSubstr("--upstream: `upstream.url`")));
}

TEST_F(LoadConfig, PointsAtBrokenToml) {
  write("[gate]\nlisten = \n");
  ASSERT_EQ(problems().size(), 1U);
  EXPECT_THAT(problems()[0], HasSubstr("weir.toml:2:"));
  EXPECT_THAT(problems()[0], HasSubstr("not well-formed TOML"));
}

TEST_F(LoadConfig, SaysWhenTheFileCannotBeRead) {
  sources_.file = folder_.path() + "/missing.toml";
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("cannot read the file: No such file")));
  sources_.file = folder_.path();
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("cannot read the file")));
}

TEST_F(LoadConfig, ChecksWhatBelongsTogether) {
  sources_.flags = {{"gate.tls.key", {"k"}},
                    {"upstream.password", {"hunter2"}},
                    {"upstream.headers", {"X-Key: 1", "bad header: x", "nocolon"}},
                    {"admin.listen", {"127.0.0.1:9600"}},
                    {"front.listen", {"127.0.0.1:9600"}},
                    {"front.url", {"https://logs.example/path"}},
                    {"front.dashboards", {"dashboards:5601"}},
                    {"front.same_site", {"none"}}};
  const auto all = problems();
  EXPECT_THAT(all,
              Contains(HasSubstr("--gate-tls-key: `gate.tls.key` needs `gate.tls.certificate`")));
  EXPECT_THAT(all, Contains(HasSubstr("a user name without `:`")));
  EXPECT_THAT(all, Contains(HasSubstr("two credentials")));
  EXPECT_THAT(all, Contains(HasSubstr("each header is written")));
  EXPECT_THAT(all, Contains(HasSubstr("--admin: `admin.listen`: the gate listens")));
  EXPECT_THAT(all, Contains(HasSubstr("--front: `front.listen`: something else of Weir's")));
  EXPECT_THAT(all, Contains(HasSubstr("`front.url`: give it without a path")));
  EXPECT_THAT(all, Contains(HasSubstr("`front.dashboards`: ")));
  EXPECT_THAT(all, ::testing::Each(::testing::Not(HasSubstr("hunter2"))));
}

TEST_F(LoadConfig, SendsHeadersAsCredential) {
  sources_.flags = {{"upstream.headers", {"Authorization: ApiKey a,b=", "X-Two:2"}}};
  const Config config = good();
  EXPECT_EQ(config.upstream.credential, UpstreamCredential::kHeaders);
  ASSERT_EQ(config.upstream.headers.size(), 2U);
  EXPECT_EQ(config.upstream.headers[0],
            (std::pair<std::string, std::string>("Authorization", "ApiKey a,b=")));
  EXPECT_EQ(config.upstream.headers[1], (std::pair<std::string, std::string>("X-Two", "2")));
}

TEST_F(LoadConfig, TakesAccountsFromFlagsAndVariables) {
  write("[[account]]\nname = \"file\"\nindices = [\"f\"]\n");
  variables_["WEIR_ACCOUNT"] = "a logs-a-*,x ; b logs-b-* http://other:1";
  Config config = good();
  ASSERT_EQ(config.accounts.size(), 2U);
  EXPECT_THAT(config.accounts[0].indices, ElementsAre("logs-a-*", "x"));
  EXPECT_EQ(config.accounts[1].upstream, "http://other:1");
  sources_.flags["account"] = {"c y"};
  config = good();
  ASSERT_EQ(config.accounts.size(), 1U);
  EXPECT_EQ(config.accounts[0].name, "c");
  sources_.flags["account"] = {"lonely", "d x nonsense", "e x", "e y"};
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("--account: `lonely` is not an account"),
                          HasSubstr("`account.upstream`"), HasSubstr("two accounts `e`")));
}

TEST_F(LoadConfig, IndicesAreTheScopeOfDefault) {
  write("indices = [\"x\"]\n[[account]]\nname = \"default\"\nindices = [\"y\"]\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("two accounts `default`")));
  write("[[account]]\nname = \"a\"\nindices = [\"y\"]\n");
  EXPECT_EQ(good().accounts.size(), 1U) << "no `default` appears beside configured accounts";
}

TEST_F(LoadConfig, ChecksIndexPatterns) {
  write(
      "[[account]]\nname = \"a\"\nindices = [\"logs-*\"]\n[[account]]\nname = \"b\"\nindices = "
      "[\"UPPER\", \"a b\"]\n");
  const auto all = problems();
  EXPECT_THAT(all, Contains(HasSubstr("weir.toml:4:1: account `b`: ")));
  EXPECT_THAT(all, ::testing::Each(HasSubstr("account `b`")));
}

TEST_F(LoadConfig, AccountsHaveAProfileAndScripts) {
  auto accounts = [&] { return policy_accounts(good()); };
  EXPECT_EQ(accounts().at(0).profile, Profile::kSealed);
  EXPECT_EQ(accounts().at(0).scripts, Scripts::kDoc);
  write(
      "profile = \"relevance\"\n[[account]]\nname = \"a\"\nindices = [\"x\"]\n[[account]]\nname = "
      "\"b\"\nindices = [\"y\"]\nprofile = \"sealed\"\nscripts = \"off\"\n");
  auto all = accounts();
  EXPECT_EQ(all.at(0).profile, Profile::kRelevance) << "names none: what is said for all";
  EXPECT_EQ(all.at(0).scripts, Scripts::kDoc);
  EXPECT_EQ(all.at(1).profile, Profile::kSealed);
  EXPECT_EQ(all.at(1).scripts, Scripts::kOff);
  variables_["WEIR_PROFILE"] = "sealed";
  sources_.flags["scripts"] = {"off"};
  EXPECT_EQ(accounts().at(0).profile, Profile::kSealed);
  EXPECT_EQ(accounts().at(0).scripts, Scripts::kOff);
  sources_.flags["account"] = {"a x scripts=doc profile=relevance", "b y http://b:1 scripts=off"};
  all = accounts();
  EXPECT_EQ(all.at(0).profile, Profile::kRelevance);
  EXPECT_EQ(all.at(0).scripts, Scripts::kDoc);
  EXPECT_EQ(all.at(1).profile, Profile::kSealed);
  EXPECT_EQ(good().accounts.at(1).upstream, "http://b:1");
}

TEST_F(LoadConfig, TheAuditHasABoundForEachKind) {
  EXPECT_EQ(good().audit.max_changes, 100000U);
  EXPECT_EQ(good().audit.max_denials, 10000U);
  write("[audit]\nmax_changes = 7\n");
  variables_["WEIR_AUDIT_MAX_DENIALS"] = "5";
  EXPECT_EQ(good().audit.max_changes, 7U);
  EXPECT_EQ(good().audit.max_denials, 5U);
  write("[audit]\nmax_changes = 0\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("audit.max_changes")));
}

TEST_F(LoadConfig, AccountsHaveLimitsOfTheirOwn) {
  auto settings = [&](std::size_t index) {
    const Config config = good();
    return token_settings(config, config.accounts.at(index));
  };
  write(
      "[tokens]\nmax_per_account = 7\nconfirm_widening = true\n[[account]]\nname = \"a\"\nindices "
      "= [\"x\"]\n[[account]]\nname = \"b\"\nindices = [\"y\"]\nmax_tokens = 1\nmax_filters = 2\n"
      "max_filters_per_token = 3\nmax_concurrent_calls = 4\ndefault_ttl = \"1h\"\nconfirm_widening "
      "= false\n");
  EXPECT_EQ(settings(0).max_per_account, 7U);
  EXPECT_EQ(settings(0).max_filters_per_account, 10000U);
  EXPECT_EQ(settings(0).max_filters_per_token, 100U);
  EXPECT_EQ(settings(0).max_concurrent_calls, 100U) << "as published";
  EXPECT_TRUE(settings(0).confirm_widening);
  EXPECT_EQ(settings(1).max_per_account, 1U);
  EXPECT_EQ(settings(1).max_filters_per_account, 2U);
  EXPECT_EQ(settings(1).max_filters_per_token, 3U);
  EXPECT_EQ(settings(1).max_concurrent_calls, 4U);
  EXPECT_EQ(settings(1).default_ttl, Millis(3600000));
  EXPECT_FALSE(settings(1).confirm_widening);
  sources_.flags["account"] = {"a x max_tokens=5 confirm_widening=false default_ttl=2d"};
  EXPECT_EQ(settings(0).max_per_account, 5U);
  EXPECT_EQ(settings(0).default_ttl, Millis(172800000));
  EXPECT_FALSE(settings(0).confirm_widening);
  sources_.flags["account"] = {"a x max_tokens=0", "b x max_tokens=1 max_tokens=2",
                               "c x max_filters_per_token=101", "d x default_ttl=soon"};
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("`a x max_tokens=0`"), HasSubstr("`b x "),
                                      HasSubstr("`c x "), HasSubstr("`d x ")));
}

TEST_F(LoadConfig, AccountsHaveFields) {
  auto accounts = [&] { return policy_accounts(good()); };
  EXPECT_EQ(accounts().at(0).fields, Fields::kVisible);
  write(
      "fields = \"mapping\"\n[[account]]\nname = \"a\"\nindices = [\"x\"]\n[[account]]\nname = "
      "\"b\"\nindices = [\"y\"]\nfields = \"visible\"\n");
  EXPECT_EQ(accounts().at(0).fields, Fields::kMapping);
  EXPECT_EQ(accounts().at(1).fields, Fields::kVisible);
  variables_["WEIR_FIELDS"] = "visible";
  EXPECT_EQ(accounts().at(0).fields, Fields::kVisible);
  sources_.flags["account"] = {"a x fields=mapping", "b y"};
  EXPECT_EQ(accounts().at(0).fields, Fields::kMapping);
  EXPECT_EQ(accounts().at(1).fields, Fields::kVisible);
}

TEST_F(LoadConfig, OddProfilesAreProblems) {
  write("[[account]]\nname = \"a\"\nindices = [\"x\"]\nprofile = \"open\"\nscript = \"doc\"\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("weir.toml:4:11: `account.profile`: `open` is not "
                                                "offered; use one of `sealed`, `relevance`"),
                                      HasSubstr("unknown key `script`; did you mean `scripts`?")));
  write("");
  for (const char* item : {"a x profile=sealed profile=sealed", "a x scripts=", "a x scripts=on",
                           "a x http://a:1 scripts=off more", "a x fields=all"}) {
    sources_.flags["account"] = {item};
    EXPECT_THAT(problems(), Contains(HasSubstr("--account: `"))) << item;
  }
}

TEST_F(LoadConfig, AccountsAreTables) {
  write("account = 5\n");
  EXPECT_THAT(problems(), Contains(HasSubstr("written as [[account]]")));
  write("gate = \"x\"\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("`gate` is a section")));
}

TEST(Reloaded, TakesWhatCanChangeAndNamesTheRest) {
  Config running;
  running.accounts = {{"a", {"x"}, ""}, {"b", {"y"}, "http://b:1"}};
  Config loaded = running;
  loaded.tokens.unfiltered = Unfiltered::kDeny;
  loaded.tokens.reveal = Reveal::kOnce;
  loaded.gate.listen.port = 1;
  loaded.upstream.basic_password = "new";
  loaded.profile = Profile::kRelevance;
  loaded.accounts = {{"a", {"x", "z"}, "", Profile::kSealed},
                     {"b", {"y"}, "http://b:2"},
                     {"c", {"w"}, "http://c:1"},
                     {"d", {"v"}, ""}};
  std::vector<std::string> refused;
  const Config next = reloaded(running, loaded, refused);
  EXPECT_EQ(next.tokens.unfiltered, Unfiltered::kDeny);
  EXPECT_EQ(next.tokens.reveal, Reveal::kOnce);
  EXPECT_EQ(next.gate.listen.port, 9600);
  EXPECT_THAT(refused, ElementsAre("gate.listen", "upstream.password", "upstream of account `b`",
                                   "upstream of account `c`"));
  ASSERT_EQ(next.accounts.size(), 3U);
  EXPECT_THAT(next.accounts[0].indices, ElementsAre("x", "z"));
  EXPECT_EQ(next.accounts[1].upstream, "http://b:1");
  EXPECT_EQ(next.accounts[2].name, "d");
  EXPECT_EQ(policy_accounts(next)[0].profile, Profile::kSealed);
  EXPECT_EQ(policy_accounts(next)[1].profile, Profile::kRelevance);
  EXPECT_THAT(changed_options(running, next),
              ElementsAre("profile", "tokens.unfiltered", "tokens.reveal"));
}

TEST(Options, NamesAreUniformAndUnique) {
  std::set<std::string> flags;
  for (const Option& option : options()) {
    EXPECT_TRUE(flags.insert(flag_name(option.path)).second) << option.path;
    if (!option.alias.empty()) {
      EXPECT_TRUE(flags.insert(flag_name(option.alias)).second) << option.alias;
    }
    EXPECT_FALSE(option.doc.empty()) << option.path;
  }
  EXPECT_EQ(flag_name("gate.tls.require_13"), "--gate-tls-require-13");
  EXPECT_EQ(variable_name("gate.tls.require_13"), "WEIR_GATE_TLS_REQUIRE_13");
}

TEST(Options, EveryDefaultCanBeGivenAgain) {
  const Config defaults;
  for (const Option& option : options()) {
    Config config;
    EXPECT_EQ(option.set(config, Value{option.render(defaults), false}), "") << option.path;
    EXPECT_EQ(option.render(config), option.render(defaults)) << option.path;
  }
}

TEST(Reference, NamesEveryOptionAndNoSecret) {
  const std::string text = reference_markdown();
  for (const Option& option : options()) {
    EXPECT_THAT(text, HasSubstr("| `" + std::string(option.path) + "`"));
  }
}

/// What stands between the markers of the README; empty when there are none.
std::string readme_reference() {
  std::ifstream in(WEIR_SOURCE_DIR "/README.md");
  std::stringstream content;
  content << in.rdbuf();
  const std::string text = content.str();
  const std::string begin = "<!-- config:begin -->\n";
  const auto from = text.find(begin);
  const auto to = text.find("<!-- config:end -->");
  return from == std::string::npos || to == std::string::npos
             ? ""
             : text.substr(from + begin.size(), to - from - begin.size());
}

TEST(Reference, IsTheOneInTheReadme) {
  EXPECT_EQ(readme_reference(), reference_markdown())
      << "run `weir config-reference` and put its output between the markers";
}

}  // namespace
}  // namespace weir::proxy
