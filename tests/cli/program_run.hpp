// The real program, started as a user starts it: as a process of its own, with its output in files.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace netlimits::tests {

enum class User { present, ordinary };  // ordinary: user 65534, for a test that runs as root

// What the program finds missing, in a user namespace of its own so that nobody else does.
enum class Deprived { nothing, of_user_namespaces, of_nft, of_other_users };

// A directory that an ordinary user can read and write too, with a copy of the program: the build's own may be out of
// its reach. Goes with the object.
class Workplace {
 public:
  Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace();

  std::filesystem::path program() const { return root_ / "netlimits"; }
  std::filesystem::path file(const std::string& name, const std::string& text) const;
  // A shipped scenario or script, by its path in the source tree.
  std::filesystem::path copy_of(const std::string& source) const;
  // The current and temporary directory of the program: what it leaves there is a trace.
  std::filesystem::path scratch() const { return root_ / "scratch"; }
  std::filesystem::path outputs() const { return root_ / "outputs"; }

 private:
  std::filesystem::path root_;
};

class ProgramRun {
 public:
  // `mark`: inherited by everything that the program starts (an environment variable, see tests/cli/traces.hpp).
  ProgramRun(const Workplace& workplace, const std::vector<std::string>& arguments, const std::string& mark,
             User user = User::present, Deprived deprived = Deprived::nothing);
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;
  ~ProgramRun();  // kills and waits

  pid_t id() const { return id_; }
  bool running();
  void signal(int number) const;
  // It has a handler for this signal.
  bool catches(int number) const;
  // Its exit code, 128 + n when signal n ended it; nothing when it is still running after `patience`, which is longer
  // where the build is slower (NETLIMITS_SLOWER).
  std::optional<int> wait(std::chrono::milliseconds patience);
  std::string output() const;
  std::string errors() const;

 private:
  std::filesystem::path output_;
  std::filesystem::path errors_;
  pid_t id_ = -1;
  std::optional<int> ended_;
};

}  // namespace netlimits::tests
