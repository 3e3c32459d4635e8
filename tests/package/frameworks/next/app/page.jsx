import { Classifier } from './classifier.jsx';
import { Classifier as Recipe } from './recipe.jsx';

export default function Page() {
  return (
    <>
      <Classifier />
      <Recipe />
    </>
  );
}
