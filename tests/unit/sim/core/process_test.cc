#include "sim/core/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/core/wait.h"

namespace tidemark::sim {
namespace {

using testing::ElementsAre;
using Story = std::vector<std::string>;

struct Note {  // says when it is destroyed
  Story* story;
  std::string text;
  ~Note() { story->push_back(text); }
};

struct Told : Program {
  Story* story;
  explicit Told(Story* s) : story(s) {}
  ~Told() override { story->push_back("program destroyed"); }
};

Task<void> sleeper(Process& process, Story* story, std::string name, Duration duration) {
  Note note{story, name + " destroyed"};
  co_await sleep(process, duration);
  story->push_back(name + " woke");
}
Task<void> waiter(Process& process, WaitQueue& queue, Story* story, std::string name) {
  co_await queue.wait(process);
  story->push_back(name + " woke at " + to_text(process.scheduler().now()));
}
Task<void> crasher(Process& process, Story* story) {
  co_await sleep(process, 1_ms);
  process.crash();
  story->push_back(process.running() && process.crash_requested() ? "still running" : "gone");
  co_await sleep(process, 1_ms);
  story->push_back("never");
}
Task<void> at_once(Story* story) {
  story->push_back("ran");
  co_return;
}
Task<int> doubled(Process& process, int n) {
  co_await sleep(process, 1_ms);
  co_return 2 * n;
}
Task<void> adder(Process& process, Promise<int>& promise, int* sum) {
  const int first = co_await doubled(process, 4);
  *sum = first + co_await promise.get(process);
}

class ProcessTest : public testing::Test {
 protected:
  ~ProcessTest() override = default;
  void start() {
    process.set_factory([this](Process&) { return std::make_unique<Told>(&story); });
    process.start();
  }
  Story story;
  Scheduler scheduler;
  Process process{scheduler, 1, "one"};
};

TEST_F(ProcessTest, RootTaskMayFinishWithinSpawn) {
  const std::size_t before = FramePool::bytes_in_use();
  process.start();
  process.spawn(at_once(&story));
  EXPECT_THAT(story, ElementsAre("ran"));
  EXPECT_EQ(process.tasks(), 0U);
  EXPECT_EQ(FramePool::bytes_in_use(), before);
}

TEST_F(ProcessTest, TasksAwaitTasksAndPromises) {
  const std::size_t before = FramePool::bytes_in_use();
  process.start();
  Promise<int> promise;
  int sum = 0;
  process.spawn(adder(process, promise, &sum));
  scheduler.run_until(Instant::from_ns(5'000'000));
  EXPECT_EQ(sum, 0);
  EXPECT_TRUE(promise.set(3));
  EXPECT_FALSE(promise.set(4)) << "a value arrives once";
  EXPECT_EQ(sum, 0) << "never resumed from within the call that wakes";
  scheduler.run_until(Instant::from_ns(6'000'000));
  EXPECT_EQ(sum, 11);
  EXPECT_EQ(FramePool::bytes_in_use(), before);
}

TEST_F(ProcessTest, CrashDestroysNewestTaskFirstThenProgramThenTellsListeners) {
  const std::size_t before = FramePool::bytes_in_use();
  start();
  process.on_crash([this](Process& p) { story.push_back(p.program() == nullptr ? "listener 1" : "too early"); });
  process.on_crash([this](Process&) { story.push_back("listener 2"); });
  process.spawn(sleeper(process, &story, "old", 5_ms));
  process.spawn(sleeper(process, &story, "new", 5_ms));
  process.crash();
  EXPECT_THAT(story, ElementsAre("new destroyed", "old destroyed", "program destroyed", "listener 1", "listener 2"));
  EXPECT_EQ(scheduler.pending(), 0U);
  EXPECT_EQ(FramePool::bytes_in_use(), before);
  process.start();
  EXPECT_EQ(process.incarnation(), 2U);
}

TEST_F(ProcessTest, CrashDisarmsWhateverTasksWaitFor) {
  const std::size_t before = FramePool::bytes_in_use();
  process.start();
  WaitQueue queue;
  Promise<int> promise;
  int sum = 0;
  process.spawn(waiter(process, queue, &story, "a"));
  process.spawn(adder(process, promise, &sum));
  process.spawn(sleeper(process, &story, "s", 9_ms));
  scheduler.run_until(Instant::from_ns(2'000'000));
  process.crash();
  EXPECT_TRUE(queue.empty());
  queue.notify_all();
  promise.set(1);
  EXPECT_EQ(scheduler.run_until(Instant::max()), RunEnd::kIdle);
  EXPECT_THAT(story, ElementsAre("s destroyed"));
  EXPECT_EQ(sum, 0);
  EXPECT_EQ(FramePool::bytes_in_use(), before);
}

TEST_F(ProcessTest, CrashByOneOfItsOwnTasksWaitsForTheEndOfTheEvent) {
  start();
  process.on_crash([this](Process& p) { story.push_back("crashed at " + to_text(p.scheduler().now())); });
  process.spawn(crasher(process, &story));
  EXPECT_TRUE(scheduler.step());
  EXPECT_THAT(story, ElementsAre("still running", "program destroyed", "crashed at 0.001000 s"));
  EXPECT_EQ(process.state(), ProcessState::kStopped);
  EXPECT_EQ(scheduler.run_until(Instant::max()), RunEnd::kIdle);
}

TEST_F(ProcessTest, CrashWithinTheFactoryWaitsToo) {
  process.set_factory([this](Process& p) {
    p.crash();
    return std::make_unique<Told>(&story);
  });
  process.start();
  EXPECT_TRUE(process.running() && process.crash_requested());
  scheduler.run_until(Instant::from_ns(0));
  EXPECT_THAT(story, ElementsAre("program destroyed"));
  EXPECT_EQ(process.state(), ProcessState::kStopped);
}

TEST_F(ProcessTest, PauseHoldsEventsAndResumeFiresThemInOrderAtItsInstant) {
  process.start();
  WaitQueue queue;
  process.spawn(sleeper(process, &story, "first", 2_ms));
  process.spawn(sleeper(process, &story, "second", 1_ms));
  process.spawn(sleeper(process, &story, "later", 30_ms));
  process.pause();
  scheduler.run_until(Instant::from_ns(20'000'000));
  EXPECT_TRUE(story.empty());
  process.resume();
  EXPECT_TRUE(story.empty()) << "nothing runs inside resume()";
  scheduler.run_until(Instant::from_ns(20'000'000));
  EXPECT_THAT(story, ElementsAre("second woke", "second destroyed", "first woke", "first destroyed"));
  scheduler.run_until(Instant::from_ns(30'000'000));
  EXPECT_EQ(story.size(), 6U);
}

TEST_F(ProcessTest, HeldEventsCanBeCancelledAndAreDroppedByACrash) {
  process.start();
  process.spawn(sleeper(process, &story, "a", 1_ms));
  struct Silent {
    static void fire(Timer&) { FAIL() << "fired"; }
  };
  Timer cancelled(&Silent::fire, EventKind::kTimer, &process);
  Timer dropped(&Silent::fire, EventKind::kTimer, &process);
  Timer pending(&Silent::fire, EventKind::kTimer, &process);
  scheduler.arm_after(cancelled, 1_ms);
  scheduler.arm_after(dropped, 1_ms);
  scheduler.arm_after(pending, 50_ms);
  process.pause();
  scheduler.run_until(Instant::from_ns(5'000'000));
  EXPECT_TRUE(cancelled.armed());
  cancelled.cancel();
  EXPECT_FALSE(cancelled.armed());
  process.crash();
  EXPECT_FALSE(dropped.armed() || pending.armed());
  process.start();
  EXPECT_EQ(scheduler.run_until(Instant::max()), RunEnd::kIdle);
  EXPECT_THAT(story, ElementsAre("a destroyed"));
}

TEST_F(ProcessTest, RestartComesBackAfterTheDowntime) {
  start();
  scheduler.run_until(Instant::from_ns(1'000'000));
  process.restart(10_ms);
  EXPECT_EQ(process.state(), ProcessState::kStopped);
  scheduler.run_until(Instant::from_ns(10'999'999));
  EXPECT_EQ(process.state(), ProcessState::kStopped);
  scheduler.run_until(Instant::from_ns(11'000'000));
  EXPECT_TRUE(process.running() && process.program() != nullptr);
  EXPECT_EQ(process.incarnation(), 2U);
}

TEST_F(ProcessTest, WaitersResumeInFifoOrderOnePerNotify) {
  process.start();
  WaitQueue queue;
  for (const char* name : {"a", "b", "c"}) process.spawn(waiter(process, queue, &story, name));
  queue.notify_one();
  scheduler.run_until(Instant::from_ns(1'000));
  EXPECT_THAT(story, ElementsAre("a woke at 0.000000 s"));
  queue.notify_all();
  scheduler.run_until(Instant::from_ns(2'000));
  EXPECT_THAT(story, ElementsAre("a woke at 0.000000 s", "b woke at 0.000001 s", "c woke at 0.000001 s"));
}

TEST_F(ProcessTest, TheSecondRunInOneProgramEqualsTheFirst) {
  const auto run = [] {
    Scheduler world;
    Process node(world, 1, "node");
    node.start();
    Story told;
    WaitQueue queue;
    Promise<int> promise;
    int sum = 0;
    for (int i = 1; i <= 20; ++i) node.spawn(sleeper(node, &told, std::to_string(i), Duration::microseconds(i % 7)));
    node.spawn(adder(node, promise, &sum));
    node.spawn(waiter(node, queue, &told, "w"));
    promise.set(1);
    queue.notify_all();
    world.run_until(Instant::max());
    return std::pair(world.digest(), told);
  };
  const auto first = run();
  for (int n = 0; n < 3; ++n) EXPECT_EQ(run(), first);
}

Task<void> thrower() {
  throw std::runtime_error("the cause");
  co_return;
}

TEST(ProcessDeathTest, ExceptionThatLeavesATaskIsADefectAndNamesItsCause) {
  EXPECT_EXIT(
      {
        Scheduler scheduler;
        Process process(scheduler, 1, "one");
        process.start();
        process.spawn(thrower());
      },
      testing::ExitedWithCode(70), "no exception leaves a task.*the cause");
}

TEST(ProcessDeathTest, IllegalMoveIsADefect) {
  Scheduler scheduler;
  Process process(scheduler, 1, "one");
  EXPECT_EXIT(process.resume(), testing::ExitedWithCode(70), "not paused");
}

}  // namespace
}  // namespace tidemark::sim
