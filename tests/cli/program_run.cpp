// A scratch directory, what a process can be deprived of, and starting, signalling and awaiting the program.
#include "tests/cli/program_run.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace netlimits::tests {
namespace {

namespace fs = std::filesystem;

constexpr unsigned ordinary_user = 65534;

std::string file_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void become_ordinary() {
  if (::geteuid() != 0) return;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(ordinary_user, ordinary_user, ordinary_user) != 0 ||
      ::setresuid(ordinary_user, ordinary_user, ordinary_user) != 0)
    ::_exit(99);
  ::prctl(PR_SET_DUMPABLE, 1);  // a change of ids hides /proc/self from its own owner
}

void write_or_end(const char* path, const std::string& text) {
  const int file = ::open(path, O_WRONLY);
  if (file < 0 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::_exit(95);
  ::close(file);
}

void deprive(Deprived of) {
  if (of == Deprived::nothing) return;
  const std::string user = std::to_string(::geteuid());
  const std::string group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(94);
  write_or_end("/proc/self/setgroups", "deny");
  const bool as_root = of == Deprived::of_other_users;
  write_or_end("/proc/self/uid_map", (as_root ? "0" : user) + " " + user + " 1");
  write_or_end("/proc/self/gid_map", (as_root ? "0" : group) + " " + group + " 1");
  if (of == Deprived::of_user_namespaces) write_or_end("/proc/sys/user/max_user_namespaces", "0");
  if (of != Deprived::of_nft) return;
  for (const char* place : {"/usr/sbin", "/usr/local/sbin"}) {
    if (::mount("tmpfs", place, "tmpfs", 0, nullptr) != 0) ::_exit(93);
  }
}

}  // namespace

Workplace::Workplace() {
  std::array<char, 64> name{"/tmp/netlimits-test-XXXXXX"};
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  root_ = name.data();
  fs::permissions(root_, fs::perms::all);
  for (const fs::path& place : {scratch(), outputs()}) {
    fs::create_directory(place);
    fs::permissions(place, fs::perms::all);
  }
  fs::copy_file(NETLIMITS_PROGRAM, program());
}

Workplace::~Workplace() {
  std::error_code trouble;
  fs::remove_all(root_, trouble);
}

fs::path Workplace::file(const std::string& name, const std::string& text) const {
  std::ofstream(root_ / name) << text;
  return root_ / name;
}

fs::path Workplace::copy_of(const std::string& source) const {
  const fs::path original = fs::path(NETLIMITS_SOURCE_DIR) / source;
  const fs::path copy = root_ / original.filename();
  fs::copy_file(original, copy, fs::copy_options::overwrite_existing);
  return copy;
}

ProgramRun::ProgramRun(const Workplace& workplace, const std::vector<std::string>& arguments, const std::string& mark,
                       User user, Deprived deprived) {
  static int number = 0;
  ++number;
  output_ = workplace.outputs() / ("out-" + std::to_string(number));
  errors_ = workplace.outputs() / ("err-" + std::to_string(number));
  std::vector<std::string> words{workplace.program().string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  // A signal that comes before exec() is for the program: the handlers of this test would tell of a failure that is
  // none.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  id_ = ::fork();
  if (id_ == 0) {
    for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGABRT, SIGSEGV, SIGILL, SIGFPE}) std::signal(one, SIG_DFL);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (id_ > 0) return;
  // A process group of its own: a signal meant for the program reaches nothing else.
  ::setpgid(0, 0);
  const int out = ::open(output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int err = ::open(errors_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int in = ::open("/dev/null", O_RDONLY);
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(98);
  if (::chdir(workplace.scratch().c_str()) != 0) ::_exit(97);
  for (const char* name : {"TMPDIR", "HOME"}) ::setenv(name, workplace.scratch().c_str(), 1);
  ::setenv("NETLIMITS_TEST_MARK", mark.c_str(), 1);
  if (user == User::ordinary) become_ordinary();
  deprive(deprived);
  ::execv(pointers[0], pointers.data());
  ::_exit(96);
}

ProgramRun::~ProgramRun() {
  if (ended_) return;
  signal(SIGKILL);
  wait(std::chrono::seconds(10));
}

void ProgramRun::signal(int number) const {
  if (!ended_) ::kill(id_, number);
}

bool ProgramRun::catches(int number) const {
  std::ifstream status("/proc/" + std::to_string(id_) + "/status");
  for (std::string word; status >> word;) {
    std::uint64_t caught = 0;
    if (word == "SigCgt:" && status >> std::hex >> caught) return ((caught >> (number - 1)) & 1U) != 0;
  }
  return false;
}

bool ProgramRun::running() { return !wait(std::chrono::milliseconds(0)); }

std::optional<int> ProgramRun::wait(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience * NETLIMITS_SLOWER;
  while (!ended_) {
    int status = 0;
    const pid_t got = ::waitpid(id_, &status, WNOHANG);
    if (got == id_) {
      ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      break;
    }
    if (std::chrono::steady_clock::now() >= end) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return ended_;
}

std::string ProgramRun::output() const { return file_text(output_); }
std::string ProgramRun::errors() const { return file_text(errors_); }

}  // namespace netlimits::tests
