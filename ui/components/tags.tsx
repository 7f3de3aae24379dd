const TAGS_SHOWN = 3;

export function Tags({ tags }: { readonly tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return (
    <span className="tags">
      {tags.slice(0, TAGS_SHOWN).map((tag) => (
        <span key={tag} className="tag" title={tag}>
          {tag}
        </span>
      ))}
      {tags.length > TAGS_SHOWN && (
        <span className="tag" title={tags.slice(TAGS_SHOWN).join(', ')}>
          +{tags.length - TAGS_SHOWN}
        </span>
      )}
    </span>
  );
}
