"""Every verb there is, as data: help, completion, schemas and contract tests read this without importing a verb."""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """A verb: its words, where its code and its result type are, and what kind of verb it is."""

    path: str
    target: str
    result: str
    help: str
    mutates: bool = False
    streams: bool = False

    @property
    def schema(self) -> str:
        """The schema name of its JSON envelope."""
        return f"cowork.{self.path.replace(' ', '.')}/1"


GROUPS = {
    "pack": "Role bundles of skills, agents, commands and connectors.",
    "skill": "Prompt templates with parameters: show, render, run.",
    "agent": "Agents of packs, plugins and .claude directories.",
    "command": "Slash commands and command files.",
    "prompt": "Prompts as they are composed, and the tool rules that bound them.",
    "connector": "Connectors of packs: HTTP requests, commands and scripts, called under guard.",
    "twin": "Personas that wake on a schedule and prepare work.",
    "twin results": "What twins found and prepared; alone it lists the latest.",
    "evidence": "Facts about a workspace, collected without a model.",
    "twin facts": "What all twins know of the organization; alone it lists it.",
    "loop": "Work on tasks until they are done, or ask several models; as recorded sessions.",
    "loop patterns": "How seats work together; alone it lists the patterns.",
    "loop task": "Files of tasks: what is to be done, in which order, and what is done.",
    "loop presets": "Patterns with their seats, under a name; alone it lists them.",
    "template": "Prompt templates of loops.",
    "bench": "Patterns measured on your own questions.",
    "registry": "The catalogue of packs on offer.",
    "admin": "What an administrator allows.",
    "admin policy": "Read, change and check the policies, and ask what they allow.",
    "session": "What agents and loops did: recorded runs.",
    "context": "What prompts are told about a project: files, git, a session, the file tree.",
    "hook": "Claude Code hook events.",
    "provider": "Model providers: who can be asked, and whether they answer.",
    "config": "Settings and where each value comes from.",
}

DEFAULTS = {"twin facts": "list", "loop patterns": "list", "loop presets": "list", "twin results": "list"}
"""What a group does when no verb is given: nothing, or an option at once."""

VERBS = (
    Verb("pack list", "pack:list_", "registry.packs:PackList", "List packs."),
    Verb("pack show", "pack:show", "registry.pack_page:PackDetail", "Show a pack with everything it brings."),
    Verb("pack search", "pack:search", "registry.pack_search:PackSearch", "Search packs by name, category, skills and text."),
    Verb("pack enable", "pack:enable", "registry.switches:Switched", "Turn a pack on.", mutates=True),
    Verb("pack disable", "pack:disable", "registry.switches:Switched", "Turn a pack off.", mutates=True),
    Verb("pack install", "pack_install:install", "install.results:Installation", "Install a pack.", mutates=True, streams=True),
    Verb("pack outdated", "pack_update:outdated", "install.update:OutdatedList", "Ask the sources for newer versions."),
    Verb("pack update", "pack_update:update", "install.update:Update", "Update packs.", mutates=True, streams=True),
    Verb("pack rollback", "pack_update:rollback", "install.rollback:RolledBack", "Go back to a former version.", mutates=True),
    Verb("pack pin", "pack_keep:pin", "install.pins:Pinned", "Keep a pack as it is.", mutates=True),
    Verb("pack unpin", "pack_keep:unpin", "install.pins:Pinned", "Let a pack be updated again.", mutates=True),
    Verb("pack uninstall", "pack_keep:uninstall", "install.uninstall:Uninstalled", "Remove a pack.", mutates=True),
    Verb("pack verify", "pack_keep:verify", "install.verify:Verification", "Compare packs with the lockfile."),
    Verb("pack export", "pack_keep:export", "install.portable:Exported", "Write down what is installed.", mutates=True),
    Verb("pack import", "pack_update:import_", "install.results:Installation", "Install a list.", mutates=True, streams=True),
    Verb("pack gc", "pack_keep:gc", "install.gc:Collected", "Clean up the store.", mutates=True),
    Verb("pack scaffold", "pack_scaffold:scaffold", "install.scaffold:Scaffolded", "Create a pack.", mutates=True),
    Verb("pack validate", "pack_check:validate", "registry.validation:ValidationReport", "Check packs, plugins and skills."),
    Verb("pack lint", "pack_check:lint", "registry.linting:LintReport", "Give hints on a pack's prompts."),
    Verb("pack scan", "pack_scan:scan", "install.scan.paths:Scanned", "Look for what hides, runs or leaks in files."),
    Verb("pack allow", "pack_scan:allow", "install.scan.paths:AllowAnswer", "Allow what a scan found.", mutates=True),
    Verb("pack try", "pack:try_", "agent.try_run:TryAnswer", "Show prompts to try, and ask one."),
    Verb("pack context", "pack:context", "registry.context:ActiveContext", "Show active connectors and skills."),
    Verb("skill list", "skill:list_", "registry.skills:SkillList", "List skills."),
    Verb("skill show", "skill:show", "registry.skill_page:SkillDetail", "Show a skill: parameters and prompt."),
    Verb("skill render", "skill:render", "prompts.skill:RenderedSkill", "Print a skill's prompt, filled in."),
    Verb("skill run", "skill:run", "agent.skill_run:SkillRun", "Send a skill's prompt to a model.", mutates=True, streams=True),
    Verb("skill search", "skill:search", "registry.pack_search:SkillSearch", "Search skills."),
    Verb("skill match", "skill:match", "registry.matching:SkillMatches", "Say which skills a request is about."),
    Verb("skill enable", "skill:enable", "registry.switches:Switched", "Turn a skill of a pack on.", mutates=True),
    Verb("skill disable", "skill:disable", "registry.switches:Switched", "Turn a skill of a pack off.", mutates=True),
    Verb("run", "run:run", "agent.skill_run:SkillRun", "Run a slash command.", mutates=True, streams=True),
    Verb("agent list", "agent:list_", "registry.agents:AgentList", "List agents."),
    Verb("agent show", "agent:show", "registry.agents:AgentDetail", "Show an agent and its prompt."),
    Verb("agent run", "agent_run:run", "agent.results:AgentRun", "Let an agent work on a task.", mutates=True, streams=True),
    Verb("command list", "command:list_", "registry.commands:CommandList", "List commands."),
    Verb("command show", "command:show", "registry.commands:CommandDetail", "Show a command and its text."),
    Verb("prompt build", "prompt_build:build", "agent.preview:PromptPreview", "Show a prompt as it would be composed."),
    Verb("prompt check-tool", "prompt:check_tool", "prompts.tool_check:ToolCheck", "Say whether tool rules allow a call."),
    Verb("connector list", "connector:list_", "connectors.results:ConnectorList", "List connectors."),
    Verb("connector show", "connector:show", "connectors.results:ConnectorDetail", "Show a connector."),
    Verb("connector call", "connector:call", "connectors.results:ConnectorCall", "Call a connector.", mutates=True),
    Verb("twin templates", "twin_templates:templates", "twins.template_pages:PersonaList", "List persona templates."),
    Verb("twin categories", "twin_templates:categories", "twins.template_pages:PersonaCategories", "Count persona templates."),
    Verb("twin preview", "twin_templates:preview", "twins.template_pages:PersonaPreview", "Show what activation would create."),
    Verb(
        "twin activate",
        "twin_activate:activate",
        "twins.twin:Activation",
        "Create twins from a persona template.",
        mutates=True,
    ),
    Verb("twin list", "twin:list_", "twins.twin:TwinList", "List twins."),
    Verb("twin show", "twin:show", "twins.twin:TwinPage", "Show a twin and its tasks."),
    Verb("twin edit", "twin_change:edit", "twins.twin:TwinsChanged", "Change twins.", mutates=True),
    Verb("twin pause", "twin_change:pause", "twins.twin:TwinsChanged", "Let twins rest.", mutates=True),
    Verb("twin resume", "twin_change:resume", "twins.twin:TwinsChanged", "Let twins work again.", mutates=True),
    Verb("twin deactivate", "twin_change:deactivate", "twins.twin:TwinsChanged", "Let twins go.", mutates=True),
    Verb("twin upgrade", "twin_change:upgrade", "twins.twin:TwinsChanged", "Follow a changed persona template.", mutates=True),
    Verb("twin export", "twin_move:export", "twins.moving:TwinsExported", "Write down how twins are set up.", mutates=True),
    Verb("twin import", "twin_move:import_", "twins.moving:TwinsImported", "Create twins of a document.", mutates=True),
    Verb("twin backup", "twin_move:backup", "twins.keeping:BackedUp", "Copy all that twins are and did.", mutates=True),
    Verb("twin restore", "twin_move:restore", "twins.keeping:Restored", "Put a copy back.", mutates=True),
    Verb("twin prune", "twin_prune:prune", "twins.pruning:Pruned", "Let go what is kept no longer.", mutates=True),
    Verb("twin beat", "twin_beat:beat", "twins.beats.report:BeatReport", "Do what is due.", mutates=True, streams=True),
    Verb("twin ask", "twin_work:ask", "twins.beats.replying:Reply", "Ask a twin and wait.", mutates=True, streams=True),
    Verb("twin assign", "twin_work:assign", "twins.requesting:Requested", "Give a twin a task.", mutates=True),
    Verb("twin wake", "twin_work:wake", "twins.requesting:Requested", "Tell a twin that something happened.", mutates=True),
    Verb("twin unassign", "twin_work:unassign", "twins.requesting:Cancelled", "Take a request back.", mutates=True),
    Verb("twin tasks", "twin_work:tasks", "twins.cards:TaskList", "List what twins have to do."),
    Verb("twin board", "twin_work:board", "twins.cards:Board", "Show the work of twins in columns."),
    Verb("twin results list", "twin_results:list_", "twins.results:ResultList", "List results, newest first."),
    Verb("twin results show", "twin_results:show", "twins.results:Result", "Show a result."),
    Verb("twin deliver", "twin_deliver:deliver", "twins.delivering:Deliveries", "Deliver what is due.", mutates=True),
    Verb("twin serve", "twin_serve:serve", "twins.serving.served:Served", "Beat when due.", mutates=True, streams=True),
    Verb("twin status", "twin_serve:status", "twins.serving.status:TwinsStatus", "Show who is at work, and what is next."),
    Verb("twin install-service", "twin_serve:install_service", "twins.serving.service:Service", "Print a unit or cron line."),
    Verb("evidence list", "evidence:list_", "twins.evidence.results:CollectorList", "List what can be collected."),
    Verb("evidence run", "evidence:run", "twins.evidence.results:Collected", "Collect facts about a workspace."),
    Verb("twin feedback", "twin_memory:feedback", "twins.memory:Feedback", "Judge a result; its twin learns.", mutates=True),
    Verb("twin remember", "twin_memory:remember", "twins.memory:Remembered", "Tell a twin something.", mutates=True),
    Verb("twin forget", "twin_memory:forget", "twins.memory:Forgotten", "Make twins forget.", mutates=True),
    Verb("twin memory", "twin_memory:memory", "twins.memory:MemoryList", "Show what a twin remembers."),
    Verb("twin facts list", "twin_facts:list_", "twins.facts:FactList", "List facts."),
    Verb("twin facts add", "twin_facts:add", "twins.facts:FactAdded", "Add a fact.", mutates=True),
    Verb("twin facts remove", "twin_facts:remove", "twins.facts:FactsRemoved", "Remove facts.", mutates=True),
    Verb("twin facts import", "twin_facts:import_", "twins.facts:FactsImported", "Add facts of a file.", mutates=True),
    Verb("loop start", "loop:start", "loop.results:LoopRun", "Run a pattern on a task.", mutates=True, streams=True),
    Verb("loop run", "loop_run:run", "loop.engine.results:LoopReport", "Work until it is done.", mutates=True, streams=True),
    Verb("loop patterns list", "loop_patterns:list_", "loop.pattern_pages:PatternList", "List the patterns."),
    Verb("loop patterns show", "loop_patterns:show", "loop.pattern_pages:PatternPage", "Show a pattern."),
    Verb("loop patterns suggest", "loop_patterns:suggest", "patterns.suggest:Suggestion", "Recommend a pattern for a task."),
    Verb("loop presets list", "loop_patterns:presets", "loop.presets:PresetList", "List presets."),
    Verb("loop presets show", "loop_patterns:preset", "loop.presets:PresetItem", "Show a preset."),
    Verb("loop task list", "loop_tasks:list_", "loop.tasks.pages:TaskListing", "List tasks with their statuses."),
    Verb("loop task show", "loop_tasks:show", "loop.tasks.pages:TaskPage", "Show a task."),
    Verb("loop task next", "loop_tasks:next_", "loop.tasks.pages:NextTask", "Say which task is next, and why."),
    Verb("loop task create", "loop_tasks_change:create", "loop.tasks.changes:TaskChange", "Add a task.", mutates=True),
    Verb("loop task update", "loop_tasks_change:update", "loop.tasks.changes:TaskChange", "Change a task.", mutates=True),
    Verb("loop task load", "loop_tasks_move:load", "loop.tasks.moving:TasksLoaded", "Check and copy a file.", mutates=True),
    Verb(
        "loop task import", "loop_tasks_move:import_", "loop.tasks.moving:TasksImported", "Read a Markdown list.", mutates=True
    ),
    Verb("loop task export", "loop_tasks_move:export", "loop.tasks.moving:TasksExported", "Print tasks.", mutates=True),
    Verb("loop task graph", "loop_tasks:graph", "loop.tasks.drawing:TaskGraph", "Show what waits for what."),
    Verb("loop task validate", "loop_tasks:validate", "loop.tasks.report:TasksReport", "Check a file of tasks."),
    Verb("loop resume", "loop:resume", "loop.engine.results:Resumed", "Go on with a session.", mutates=True, streams=True),
    Verb("loop status", "loop_control:status", "loop.control.page:LoopPage", "Show how a session stands."),
    Verb("loop watch", "loop_control:watch", "loop.control.page:LoopPage", "Follow a session until it ends.", streams=True),
    Verb("loop pause", "loop_control:pause", "loop.control.steering:Steered", "Let a session pause.", mutates=True),
    Verb("loop stop", "loop_control:stop", "loop.control.steering:Steered", "End after the iteration.", mutates=True),
    Verb("loop cancel", "loop_control:cancel", "loop.control.steering:Steered", "End a session at once.", mutates=True),
    Verb("loop answer", "loop_control:answer", "loop.control.steering:Answered", "Answer what an agent asks.", mutates=True),
    Verb("loop logs", "loop_control:logs", "loop.control.logs:LogPage", "Show what agents printed."),
    Verb("loop export", "loop_control:export", "loop.control.exporting:LoopExport", "Print a session as one text."),
    Verb("loop list", "loop:list_", "loop.session_results:SessionList", "List sessions, newest first."),
    Verb("loop show", "loop:show", "loop.session_results:SessionDetail", "Show a session and its result."),
    Verb("template list", "template:list_", "prompts.template_pages:TemplateList", "List prompt templates of loops."),
    Verb("template show", "template:show", "prompts.template_pages:TemplatePage", "Show a template."),
    Verb("template init", "template:init", "prompts.template_pages:TemplateCopy", "Copy a built-in template.", mutates=True),
    Verb("template check", "template:check", "prompts.template_pages:TemplateChecks", "Check templates."),
    Verb("template render", "template:render", "prompts.template_pages:RenderedTemplate", "Print a template, filled in."),
    Verb("bench run", "bench:run", "loop.bench.results:BenchReport", "Measure patterns.", mutates=True, streams=True),
    Verb("bench resume", "bench:resume", "loop.bench.results:BenchReport", "Go on with a bench.", mutates=True, streams=True),
    Verb("bench show", "bench:show", "loop.bench.results:BenchReport", "Show a bench and its numbers."),
    Verb("bench list", "bench:list_", "loop.bench.results:BenchList", "List benches, newest first."),
    Verb("session list", "session:list_", "sessions.pages:SessionEntries", "List sessions, newest first."),
    Verb("session show", "session:show", "sessions.pages:SessionPage", "Show a session and its tool calls."),
    Verb("session export", "session:export", "sessions.pages:SessionExport", "Print a session as Markdown or NDJSON."),
    Verb("context show", "context:show", "prompts.extraction:ProjectContext", "Show what a prompt is told about the project."),
    Verb("context tree", "context:tree", "prompts.tree:Tree", "Show the file tree, without what is ignored."),
    Verb("registry search", "registry:search", "registry.catalogue:CatalogueSearch", "Search the catalogue."),
    Verb("registry show", "registry:show", "registry.catalogue_entry:CatalogueEntry", "Show a catalogue entry."),
    Verb("registry categories", "registry:categories", "registry.catalogue:CategoryList", "List the catalogue's categories."),
    Verb("registry refresh", "registry:refresh", "registry.catalogue_refresh:Refreshed", "Fetch the catalogue.", mutates=True),
    Verb("registry updates", "registry:updates", "registry.catalogue_updates:UpdateList", "List packs with a newer version."),
    Verb("registry build", "registry:build", "install.publishing.building:CatalogueBuilt", "Write a catalogue.", mutates=True),
    Verb("registry serve", "registry:serve", "install.publishing.serving:Served", "Serve packs here.", streams=True),
    Verb("admin policy get", "admin:get", "policy.view:PolicyView", "Show the policies in force."),
    Verb("admin policy set", "admin_change:set_", "policy.changes:PolicyChange", "Replace all policies.", mutates=True),
    Verb("admin policy update", "admin_change:update", "policy.changes:PolicyChange", "Change some policies.", mutates=True),
    Verb("admin policy reset", "admin_change:reset", "policy.changes:PolicyChange", "Go back to the defaults.", mutates=True),
    Verb("admin policy validate", "admin:validate", "policy.validating:PolicyReport", "Check a policy file."),
    Verb("admin policy check", "admin:check", "policy.checking:PackVerdict", "Ask the policies about a pack."),
    Verb("admin policy explain", "admin:explain", "policy.explaining:Explanation", "Say what would be allowed, and why."),
    Verb("admin audit", "admin:audit", "policy.audit_log:AuditList", "List what was allowed and denied."),
    Verb("hook run", "hook:run", "cli.results:HookAnswer", "Answer a hook event: JSON on stdin, the decision on stdout."),
    Verb("hook list", "hook:list_", "hooks.listing:HookList", "List hooks: where from, for what, whether they run."),
    Verb("hook events", "hook:events", "hooks.listing:EventList", "List the events: what they match, what a block does."),
    Verb("hook test", "hook:test", "agent.hook_test:HookTest", "Run the hooks of an event on an input.", mutates=True),
    Verb("provider list", "provider:list_", "models.directory:ProviderList", "List model providers."),
    Verb("provider show", "provider:show", "models.detail:ProviderDetail", "Show a provider in full."),
    Verb("provider models", "provider:models", "models.model_list:ModelList", "List the models a provider serves."),
    Verb("provider check", "provider:check", "models.checking:ProviderChecks", "Make one tiny call and say what comes back."),
    Verb("config show", "config:show", "cli.results:SettingList", "Show settings."),
    Verb("config trust", "config:trust", "agent.trusting:TrustAnswer", "Let a project's own files run.", mutates=True),
    Verb("config untrust", "config:untrust", "agent.trusting:TrustAnswer", "Take that back.", mutates=True),
    Verb("doctor", "doctor:doctor", "core.health:Report", "Check the installation."),
    Verb("schema", "schema:schema", "cli.results:SchemaAnswer", "Print the JSON Schema of a verb's data."),
    Verb("completion", "completion:completion", "cli.results:Script", "Print the completion script for a shell."),
)

BY_PATH = {verb.path: verb for verb in VERBS}


def children(prefix: str) -> dict[str, str]:
    """The words that may follow `prefix` (empty for the root), with their help lines, in the manifest's order."""
    depth = len(prefix.split())
    found: dict[str, str] = {}
    for verb in VERBS:
        words = verb.path.split()
        if len(words) > depth and " ".join(words[:depth]) == prefix:
            path = " ".join(words[: depth + 1])
            found[words[depth]] = verb.help if path == verb.path else GROUPS[path]
    return found
