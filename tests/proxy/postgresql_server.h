// A real PostgreSQL server for the tests of one process, and databases of their own in it. ctest
// starts one for all processes (WEIR_TEST_POSTGRESQL names its file); by hand, each starts its own.
#pragma once

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "proxy/temp_folder.h"

namespace weir::proxy {

class PostgresqlServer {
 public:
  static PostgresqlServer& instance() {
    static PostgresqlServer server;
    return server;
  }

  /// The URL of a new empty database.
  std::string new_database() {
    static std::atomic<int> number{0};
    const std::string name = "t" + std::to_string(::getpid()) + "_" + std::to_string(number++) +
                             "_" + std::to_string(std::time(nullptr));
    run_sql(url("postgres"), "CREATE DATABASE " + name);
    return url(name);
  }

  /// Runs statements behind the store's back; each row's first column, one a line.
  static std::string run_sql(const std::string& url, const std::string& sql) {
    PGconn* connection = PQconnectdb(url.c_str());
    PGresult* result = PQexec(connection, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    std::string text;
    for (int row = 0; row < PQntuples(result); ++row) {
      text += std::string(PQgetvalue(result, row, 0)) + "\n";
    }
    const std::string error = PQerrorMessage(connection);
    PQclear(result);
    PQfinish(connection);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(error);
    return text;
  }

  int port() const { return std::stoi(value_of("port")); }

 private:
  PostgresqlServer() {
    const char* given = std::getenv("WEIR_TEST_POSTGRESQL");
    file_ = given != nullptr ? given : folder_.path() + "/server.json";
    if (given == nullptr) {
      own_ = true;
      if (std::system((script("start") + " --owner " + std::to_string(::getpid())).c_str()) != 0) {
        throw std::runtime_error("PostgreSQL could not be started");
      }
    }
    std::ifstream in(file_);
    state_.assign(std::istreambuf_iterator<char>(in), {});
  }
  ~PostgresqlServer() {
    if (own_ && std::system(script("stop").c_str()) != 0) std::perror("stopping PostgreSQL");
  }

  std::string script(const std::string& verb) const {
    return std::string(WEIR_SOURCE_DIR "/tests/support/postgresql ") + verb + " " + file_;
  }

  std::string value_of(const std::string& key) const {
    const std::size_t at = state_.find("\"" + key + "\": ");
    if (at == std::string::npos) throw std::runtime_error("no PostgreSQL server: " + file_);
    const std::size_t begin = at + key.size() + 4;
    return state_.substr(begin, state_.find_first_of(",}", begin) - begin);
  }

  std::string url(const std::string& database) const {
    const std::string quoted = value_of("url");
    const std::string whole = quoted.substr(1, quoted.size() - 2);
    return whole.substr(0, whole.rfind('/') + 1) + database;
  }

  TempFolder folder_;
  std::string file_;
  std::string state_;
  bool own_ = false;
};

}  // namespace weir::proxy
