/** A resource of an event, with a link to its page where there is one. */
import { Link } from '@tanstack/react-router';

import { resourcePlace, type ResourcePlace } from './resource-place.ts';

interface ResourceLinkProps {
  readonly id: string;
  readonly name: string | null | undefined;
}

export function ResourceLink({ id, name }: ResourceLinkProps) {
  const place = resourcePlace(id, name);
  const words = name === null || name === undefined || name === '' ? id : name;
  const shown = <bdi>{words}</bdi>;
  return place === null ? (
    <span className="resource" title={id}>
      {shown}
    </span>
  ) : (
    <PlaceLink place={place} title={id}>
      {shown}
    </PlaceLink>
  );
}

function PlaceLink({
  place,
  title,
  children,
}: {
  readonly place: ResourcePlace;
  readonly title: string;
  readonly children: React.ReactNode;
}) {
  return (
    <Link to={place.to} params={place.params as never} className="resource" title={title}>
      {children}
    </Link>
  );
}
