using MailOperator.Kubernetes;
using MailOperator.Portal.Claims;
using Prometheus;

namespace MailOperator.Portal;

/// <summary>The portal's metrics. No label holds a link, an address or a mailbox.</summary>
internal sealed class PortalMetrics
{
    private readonly Counter _links;
    private readonly Counter _claims;
    private readonly Counter _limited;
    private readonly Counter _forms;

    public PortalMetrics(RuntimeMetrics runtime)
    {
        _links = runtime.Count(
            "portal_links_refused_total", "Requests for a link that is unknown, spent or expired.");
        _claims = runtime.Count("portal_claims_total", "Claims, by outcome.", "outcome");
        _limited = runtime.Count("portal_requests_limited_total", "Requests refused because there were too many.");
        _forms = runtime.Count("portal_forms_refused_total", "Forms that did not come from a page of the portal.");
        foreach (Type outcome in typeof(ClaimOutcome).GetNestedTypes())
        {
            _claims.WithLabels(outcome.Name);
        }
    }

    public void LinkRefused() => _links.Inc();

    public void Claimed(string outcome) => _claims.WithLabels(outcome).Inc();

    public void Limited() => _limited.Inc();

    public void FormRefused() => _forms.Inc();
}
