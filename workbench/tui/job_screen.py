"""A screen with jobs: what takes long runs in threads, says how far it is, and is stopped by Esc."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from textual.screen import Screen

from workbench.crash import internal
from workbench.errors import QueryCancelled, WorkbenchError
from workbench.tui.job import Job
from workbench.tui.thread_priority import lower_priority

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.tui.app import WorkbenchApp

T = TypeVar("T")

#: When it is said that something runs, and how often how far it is.
_SHOWN_AFTER_SECONDS, _SHOWN_EVERY_SECONDS = 0.2, 0.5


class JobScreen(Screen[None]):
    """Runs jobs. Subclasses show what runs (``show_jobs``), what is said (``say``), and react to what fails."""

    def __init__(self) -> None:
        super().__init__()
        self._jobs: list[Job] = []

    @property
    def workbench(self) -> WorkbenchApp:
        """The application."""
        return cast("WorkbenchApp", self.app)

    @property
    def case(self) -> Case:
        """The open case."""
        return self.workbench.case

    @property
    def is_open(self) -> bool:
        """Whether it is among the open screens. What is being closed loses its widgets one after the other."""
        return self.app.is_running and self in self.app.screen_stack

    def show_jobs(self) -> None:
        """Show what runs now and how far it is."""
        raise NotImplementedError

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a message, or hide the last one with an empty text."""
        raise NotImplementedError

    def failed(self, error: WorkbenchError) -> None:
        """React to an error of a job beyond showing it."""

    def job(
        self,
        what: str,
        work: Callable[[Job], T],
        done: Callable[[T], None],
        *,
        quiet: bool = False,
        changes: bool = False,
    ) -> Job:
        """Run ``work`` in a thread, then ``done`` with its answer in the UI's; errors go to the message line.

        A ``quiet`` job says nothing when it is stopped. One that ``changes`` the rows, or the place among them, lets
        keys that act on a row wait for it.
        """
        job = Job(what, self.case, changes, quiet)
        self._jobs.append(job)
        self.set_timer(_SHOWN_AFTER_SECONDS, lambda: self._show_while_it_runs(job))
        self.run_worker(partial(self._run, job, work, done), thread=True, group="jobs", exit_on_error=True)
        return job

    def stop_jobs(self) -> bool:
        """Stop all jobs; returns whether one was asked for, rather than run by itself for the looks of it."""
        jobs = list(self._jobs)
        for job in jobs:
            job.cancel()
        return any(not job.quiet for job in jobs)

    def _run(self, job: Job, work: Callable[[Job], T], done: Callable[[T], None]) -> None:
        """Do the work of a job, in its thread."""
        lower_priority()
        job.started()
        try:
            answer = work(job)
        except WorkbenchError as error:
            react = partial(self._react, job, error)
        except Exception as error:
            react = partial(self._react, job, internal(error))
        else:
            react = partial(self._pass_on, job, answer, done)
        finally:
            job.ended()
        self.app.call_from_thread(self._finish, job, react)

    def _finish(self, job: Job, react: Callable[[], None]) -> None:
        if job in self._jobs:
            self._jobs.remove(job)
        if self.is_open:
            self.show_jobs()
            react()

    def _pass_on(self, job: Job, answer: T, done: Callable[[T], None]) -> None:
        if not job.cancelled:
            done(answer)

    def _react(self, job: Job, error: WorkbenchError) -> None:
        if not isinstance(error, QueryCancelled):
            self.say(str(error), error=True)
            self.failed(error)
        elif not job.quiet:
            self.say(f"{job.what}: stopped")

    def _show_while_it_runs(self, job: Job) -> None:
        if job in self._jobs and self.is_open:
            self.show_jobs()
            self.set_timer(_SHOWN_EVERY_SECONDS, lambda: self._show_while_it_runs(job))
