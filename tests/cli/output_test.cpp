// Where a result goes: into devices and FIFOs, through links, and over files whole or not at all.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/cli/shell.hpp"

namespace netlimits::tests {
namespace {

namespace fs = std::filesystem;

// `command` is a shell's, in a directory of its own; $P is the program.
Said in_shell(const fs::path& directory, const std::string& command) {
  const std::string whole =
      "cd '" + directory.string() + "' && P='" + NETLIMITS_PROGRAM + "' && { " + command + "; } 2>&1";
  return said_by(whole);
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void put(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

unsigned mode_of(const fs::path& path) {
  struct stat found = {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 07777U;
}

using Names = std::vector<std::string>;

// The program's schema is a result of some size that takes no time.
struct Place {
  Workplace workplace;
  fs::path directory = workplace.scratch();
  std::string schema = in_shell(directory, "\"$P\" schema").text;

  Said shell(const std::string& command) const { return in_shell(directory, command); }
};

}  // namespace

TEST_CASE("a result makes a file of the usual mode, and leaves nothing beside it") {
  const Place place;
  CHECK(place.shell("umask 027; \"$P\" schema --output new.json").code == 0);
  CHECK(content(place.directory / "new.json") == place.schema);
  CHECK(mode_of(place.directory / "new.json") == 0640U);
  CHECK(names_in(place.directory) == Names{"new.json"});
}

TEST_CASE("a file that is there is replaced and keeps its mode, and so does a file of a similar name") {
  const Place place;
  put(place.directory / "old.json", "old");
  put(place.directory / "old.json.partial", "the user's own");
  fs::permissions(place.directory / "old.json", static_cast<fs::perms>(0604));
  CHECK(place.shell("umask 077; \"$P\" schema --output old.json").code == 0);
  CHECK(content(place.directory / "old.json") == place.schema);
  CHECK(mode_of(place.directory / "old.json") == 0604U);
  CHECK(content(place.directory / "old.json.partial") == "the user's own");
  CHECK(names_in(place.directory) == Names{"old.json", "old.json.partial"});
}

TEST_CASE("a symbolic link is followed, also to a file that is not there yet") {
  const Place place;
  fs::create_directory(place.directory / "far");
  put(place.directory / "far" / "old.json", "old");
  fs::create_symlink("far/old.json", place.directory / "link");
  fs::create_symlink("link", place.directory / "link-to-link");
  fs::create_symlink("far/new.json", place.directory / "dangling");
  CHECK(place.shell("\"$P\" schema --output link-to-link && \"$P\" schema --output dangling").code == 0);
  CHECK(fs::is_symlink(place.directory / "link"));
  CHECK(fs::is_symlink(place.directory / "link-to-link"));
  CHECK(fs::is_symlink(place.directory / "dangling"));
  CHECK(content(place.directory / "far" / "old.json") == place.schema);
  CHECK(content(place.directory / "far" / "new.json") == place.schema);
  CHECK(names_in(place.directory / "far") == Names{"new.json", "old.json"});

  fs::create_symlink("circle", place.directory / "circle");
  const Said circle = place.shell("\"$P\" schema --output circle");
  CHECK(circle.code == 2);
  CHECK_THAT(circle.text, Catch::Matchers::Contains("circle: Too many levels of symbolic links"));
}

TEST_CASE("a FIFO is written into and stays one") {
  const Place place;
  REQUIRE(::mkfifo((place.directory / "fifo").c_str(), 0600) == 0);
  CHECK(place.shell("cat fifo > got & \"$P\" schema --output fifo && wait").code == 0);
  CHECK(content(place.directory / "got") == place.schema);
  CHECK(fs::is_fifo(place.directory / "fifo"));
  CHECK(names_in(place.directory) == Names{"fifo", "got"});
}

TEST_CASE("a device is written into and stays one") {
  const Place place;
  // A null device of this test's own: only root can make one, and not everywhere.
  const fs::path device = place.directory / "null";
  if (::mknod(device.c_str(), S_IFCHR | 0666, ::makedev(1, 3)) != 0) return;
  const int usable = ::open(device.c_str(), O_WRONLY | O_CLOEXEC);
  if (usable < 0) return;  // no devices on this file system
  ::close(usable);
  CHECK(place.shell("\"$P\" schema --output null").code == 0);
  CHECK(fs::is_character_file(device));
  CHECK(names_in(place.directory) == Names{"null"});
}

TEST_CASE("standard output by another name is what it is, also when it is a file that others write to") {
  const Place place;
  CHECK(place.shell("\"$P\" schema --output /dev/stdout | cat > got").code == 0);
  CHECK(content(place.directory / "got") == place.schema);
  CHECK(place.shell("{ echo before; \"$P\" schema --output /dev/stdout; echo after; } > log").code == 0);
  CHECK(content(place.directory / "log") == "before\n" + place.schema + "after\n");
  CHECK(place.shell("\"$P\" schema --output /dev/fd/3 3>> log; \"$P\" schema --output /proc/self/fd/4 4>> log").code ==
        0);
  CHECK(content(place.directory / "log") == "before\n" + place.schema + "after\n" + place.schema + place.schema);
  CHECK(names_in(place.directory) == Names{"got", "log"});
}

TEST_CASE("what cannot be written is an error with the name and the reason, and leaves what was there") {
  const Place place;
  put(place.directory / "old.json", "old");
  const auto refused = [&](const std::string& command, const std::string& words) {
    CAPTURE(command);
    const Said said = place.shell(command);
    CHECK(said.code == 2);
    CHECK_THAT(said.text, Catch::Matchers::Contains(words));
  };
  refused("\"$P\" schema --output no/such", "no/such: No such file or directory");
  refused("\"$P\" schema --output .", ".: is a directory");
  refused("\"$P\" schema --output ./", "./: is a directory");
  refused("\"$P\" schema --output ..", "..: is a directory");
  refused("\"$P\" schema --output old.json/x", "old.json/x: Not a directory");
  refused("\"$P\" schema --output /dev/full", "/dev/full: writing failed: No space left on device");
  refused("ulimit -f 0; \"$P\" schema --output old.json", "old.json: writing failed: File too large");
  CHECK(content(place.directory / "old.json") == "old");
  CHECK(names_in(place.directory) == Names{"old.json"});
}

TEST_CASE("an ordinary user replaces no file that may not be written") {
  const Place place;
  put(place.directory / "mine.json", "old");
  fs::permissions(place.directory / "mine.json", static_cast<fs::perms>(0444));
  if (::geteuid() == 0) REQUIRE(::chown((place.directory / "mine.json").c_str(), 65534, 65534) == 0);
  ProgramRun run(place.workplace, {"schema", "--output", "mine.json"}, "output", User::ordinary);
  CHECK(run.wait(std::chrono::seconds(20)) == 2);
  CHECK_THAT(run.errors(), Catch::Matchers::Contains("mine.json: Permission denied"));
  CHECK(content(place.directory / "mine.json") == "old");
}

TEST_CASE("a full disk is noticed whatever is printed") {
  const Place place;
  for (const char* command : {"--help", "--version", "--help-all", "run --help", "schema", "profiles linux"}) {
    CAPTURE(command);
    const Said said = place.shell(std::string("\"$P\" ") + command + " > /dev/full");
    CHECK(said.code == 2);
    CHECK(said.text == "netlimits: standard output: writing failed: No space left on device\n");
    CHECK(place.shell(std::string("\"$P\" ") + command + " > printed").code == 0);
  }
}

TEST_CASE("runs to one name at the same time never show half a file") {
  const Place place;
  put(place.directory / "result.json", place.schema);
  const Said writers = place.shell(
      "for n in 1 2 3; do (for i in 1 2 3 4 5 6 7 8; do \"$P\" schema --output result.json; done) & all=\"$all $!\"; "
      "done; "
      "(while ! test -e done; do cat result.json | wc -c; done | sort -u > sizes) & "
      "wait $all; touch done; wait");
  CHECK(writers.code == 0);
  // One line: whoever looked saw one size.
  const std::string sizes = content(place.directory / "sizes");
  CHECK(std::stoul(sizes) == place.schema.size());
  CHECK(std::count(sizes.begin(), sizes.end(), '\n') == 1);
  CHECK(content(place.directory / "result.json") == place.schema);
  CHECK(names_in(place.directory) == Names{"done", "result.json", "sizes"});
}

TEST_CASE("a program that is ended at any moment leaves the old file or the new one, and nothing else") {
  const Place place;
  const std::string scenario = place.workplace.copy_of("scenarios/four-tuple-small.json");
  const fs::path result = place.directory / "result.html";
  const std::vector<std::string> arguments{"run", scenario, "--format", "html", "--output", result};
  const auto begin = std::chrono::steady_clock::now();
  ProgramRun whole(place.workplace, arguments, "output");
  REQUIRE(whole.wait(std::chrono::seconds(20)) == 0);
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
  const std::string full = content(result);
  std::mt19937 random(7);  // fixed: which moments those are depends on the machine all the same
  int ended = 0;
  for (int attempt = 0; attempt < 48; ++attempt) {
    put(result, "old");
    const int signal = std::array{SIGKILL, SIGINT, SIGTERM, SIGHUP}.at(static_cast<std::size_t>(attempt) % 4);
    ProgramRun run(place.workplace, arguments, "output");
    std::this_thread::sleep_for(took * (random() % 1024) / 1024);
    run.signal(signal);
    const auto code = run.wait(std::chrono::seconds(5));
    CAPTURE(attempt, signal, code.value_or(-1));
    const std::string found = content(result);
    CHECK((found == "old" || found == full));
    CHECK(names_in(place.directory) == Names{"result.html"});
    if (code != 0) ++ended;
  }
  CHECK(ended > 10);
}

TEST_CASE("something that breaks where nothing is expected is said, and counts when asked for") {
  const std::string file = std::string(NETLIMITS_SOURCE_DIR) + "/scenarios/outbound-exhaustion-small.json";
  const std::string run = "$P run '" + file + "' --set '/expect=[]'";
  const Said warned = in_shell("/", run);
  CHECK(warned.code == 0);
  CHECK(warned.text.find("something breaks, and nothing is expected") != std::string::npos);
  CHECK(in_shell("/", run + " --strict").code == 1);
  CHECK(in_shell("/", "$P run '" + file + "' --strict").code == 0);
  const Said points = in_shell("/", run + " --format tap 2>/dev/null");
  CHECK(points.text.find("1..1") != std::string::npos);
  CHECK(points.text.find("# SKIP") != std::string::npos);
  // Whoever reads the points alone has to see what the exit code says.
  const auto strictly = [&](const std::string& form) { return in_shell("/", run + " --strict --format " + form).text; };
  CHECK(strictly("tap").find("not ok 1 - nothing breaks") != std::string::npos);
  CHECK(strictly("junit").find("failures=\"1\"") != std::string::npos);
  CHECK(strictly("github").find("::error") != std::string::npos);
  CHECK(strictly("markdown").find("nothing breaks") != std::string::npos);
  const Said fits = in_shell("/", run + " --strict --set /workloads/load/connections=5 --format tap 2>/dev/null");
  CHECK(fits.code == 0);
  CHECK(fits.text.find("\nok 1 - nothing breaks") != std::string::npos);
}

}  // namespace netlimits::tests
